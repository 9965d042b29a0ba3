"""What happens to a journal file that SQLite cannot read: it is put aside, what is whole in it is saved, work goes on.

1. Every process that has the journal open holds a shared lock on `journal.lock`; a repair needs it alone, so a file is
   never moved from under a process that still acknowledges into it.
2. The damaged file (with its -wal and -shm) is renamed to `….damaged-<microseconds>`, never deleted.
3. Entries that can still be read, with a matching checksum, are copied to the new file at their old positions. The
   gaps between them are counted: they were acknowledged and are lost, and the message says so.
4. A large file is checked in part at an opening, because a whole check reads all of it. Whoever then meets a damaged
   page leaves a mark, `journal.suspect`, and the next opening checks the whole file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.connection import connect, transaction

_SIDE_FILES = ("", "-wal", "-shm")
_CHECKED_WHOLE = 64 << 20
_TRIES = 50
_PAUSE_SECONDS = 0.1
_COLUMNS = "position, appended_at, kind, model, rows, crc, payload"
_KEEP = f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 — constants only
_ONE = f"SELECT {_COLUMNS} FROM entries WHERE position = ?"  # noqa: S608 — constants only
_WALKS = ("SELECT position FROM entries ORDER BY position", "SELECT position FROM entries ORDER BY position DESC")


class FileLock:
    """An advisory lock on a file beside the journal: shared by those who use it, exclusive for a repair."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold the lock together with others; waits while a repair runs."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Hold the lock alone, if nobody else holds it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let go of the lock; calling twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def repair(path: Path, lock: FileLock, now: float) -> str:
    """Leave a readable journal at `path` and `lock` shared. In words what was lost, empty if the file was whole.

    Raises Unavailable if the file is damaged and another process still has it open.
    """
    for _ in range(_TRIES):
        lock.share()
        fault = damage(path)
        if not fault:
            _mark(path).unlink(missing_ok=True)
            return ""
        if lock.try_alone():
            message = _replace(path, fault, now)
            _mark(path).unlink(missing_ok=True)
            lock.share()
            return message
        time.sleep(_PAUSE_SECONDS)
    raise Unavailable(
        f"The journal {path} is damaged ({fault}) and another process has it open.",
        hint="Stop every Watchkeeper process that uses this data directory, then start again: the file is put aside.",
    )


def suspect(path: Path) -> None:
    """A damaged page was met in the file at `path`: the next opening is to check all of it."""
    with contextlib.suppress(OSError):
        _mark(path).touch(mode=0o600)


def _mark(path: Path) -> Path:
    return path.with_suffix(".suspect")


def damage(path: Path) -> str:
    """What is wrong with the file at `path`; empty if it is whole or not there. Large files are checked in part."""
    if not path.exists():
        return ""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=10.0)) as connection:
            return _check(connection, whole=path.stat().st_size <= _CHECKED_WHOLE or _mark(path).exists())
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return str(error)


def _check(connection: sqlite3.Connection, *, whole: bool) -> str:
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        connection.execute("SELECT max(position), min(position) FROM entries").fetchone()
    if whole:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        return "" if found == "ok" else str(found).splitlines()[-1]
    return ""


def _replace(path: Path, fault: str, now: float) -> str:
    aside = path.with_name(f"{path.name}.damaged-{int(now * 1_000_000)}")
    for side in _SIDE_FILES:
        source = path.with_name(path.name + side)
        if source.exists():
            source.rename(aside.with_name(aside.name + side))
    saved, lost = _salvage(aside, path, now)
    return (
        f"The journal was damaged ({fault}). It was put aside as {aside.name}; {saved} entries were saved, "
        f"{lost} within their range could not be read and are lost."
    )


def _salvage(damaged: Path, path: Path, now: float) -> tuple[int, int]:
    """Copy the whole entries of `damaged` to a new journal at `path`; how many were saved, and how many lie in gaps."""
    copy = damaged.with_name(damaged.name + ".copy")
    positions: list[int] = []
    with contextlib.closing(connect(path, now)) as target:
        _copy_with_wal(damaged, copy)
        for row in _whole_rows(copy):
            with contextlib.suppress(sqlite3.Error), transaction(target) as cursor:
                cursor.execute(_KEEP, row)
                positions.append(int(row[0]))
    for side in _SIDE_FILES:
        copy.with_name(copy.name + side).unlink(missing_ok=True)
    spread = positions[-1] - positions[0] + 1 if positions else 0
    return len(positions), spread - len(positions)


def _copy_with_wal(source: Path, target: Path) -> None:
    """Reading may write (the WAL is folded in), so it is done on a copy; the file put aside stays as it was found."""
    for side in _SIDE_FILES[:2]:
        if source.with_name(source.name + side).exists():
            shutil.copyfile(source.with_name(source.name + side), target.with_name(target.name + side))


def _whole_rows(path: Path) -> Iterator[tuple[int, float, str, str, int, int, bytes]]:
    """Rows that read and match their checksum, one at a time and past a fault: a bad page costs its own rows only."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for position in _positions(connection):
                with contextlib.suppress(sqlite3.Error):
                    row = connection.execute(_ONE, (position,)).fetchone()
                    if row and isinstance(row[6], bytes) and zlib.crc32(row[6]) == row[5]:
                        yield row
    except sqlite3.Error:
        return


def _positions(connection: sqlite3.Connection) -> list[int]:
    """Every position that some walk of the table reaches: forwards to a fault, and backwards to it."""
    found: set[int] = set()
    for walk in _WALKS:
        with contextlib.suppress(sqlite3.Error):
            for (position,) in connection.execute(walk):
                found.add(int(position))
    return sorted(found)
