"""Files that appear whole or not at all, and are read without following links."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from watchkeeper.events.errors import NotFound, Unavailable

PART = ".part"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path to write to; at the end it is synced and takes the name `path`, on an error it is removed."""
    part = path.with_name(path.name + PART)
    try:
        make_folder(path.parent)
        yield part
        _sync(part, os.O_RDONLY)
        part.replace(path)
        _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unavailable(f"Could not write {path}: {error}.", hint="Free disk space, or check permissions.") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make `folder` and its missing parents, for their owner alone, each entry synced: a synced file stays in it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync(folder.parent, os.O_RDONLY | os.O_DIRECTORY)


def make_private(path: Path) -> None:
    """Make the file if it is not there, for its owner alone: SQLite would let others read it where the umask does.

    A file that is there is not touched: to close it would drop the locks of every connection of this process to it.
    """
    with contextlib.suppress(OSError):  # whoever opens it next says why it cannot be
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def read_file(path: Path) -> bytes:
    """The bytes of a regular file; a link is refused. Raises NotFound if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise Unavailable(f"Could not open {path}: {error}.") from error
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
