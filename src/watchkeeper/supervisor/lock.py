"""One process of a kind for each data directory: a file that is locked while its owner lives.

The lock is the kernel's (flock), so it goes with the process however that ends; a file that stays
behind locks nothing. It is never deleted: somebody may be about to lock it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watchkeeper.events.errors import Conflict


@contextmanager
def hold(run_dir: Path, name: str) -> Iterator[Path]:
    """Hold `run_dir/name.pid`, with this process's id in it. Raises Conflict naming the process that holds it."""
    for folder in (run_dir.parent, run_dir):  # the data directory may be new: it is its owner's alone
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = run_dir / f"{name}.pid"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                f"Another `watchkeeper {name}` (process {read_pid(path) or 'unknown'}) uses {run_dir.parent}.",
                hint="Stop it first, or choose another directory with --data-dir.",
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield path
        finally:
            file.truncate(0)


def read_pid(path: Path) -> int | None:
    """The process id in a pid file, None if there is none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
