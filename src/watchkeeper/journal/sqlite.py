"""The journal in one SQLite file: WAL, synchronous=FULL, one transaction and so one fsync an append.

SQLite's own recovery cuts a torn tail. A file it cannot read at all is put aside and replaced (see `repair.py`), so a
journal always opens. Each entry carries a CRC-32 of its payload: a flipped bit costs that entry, and is counted.

A new file begins at the Unix microsecond of its making, so positions go on rising when a damaged file is replaced.
The size is counted in pages in use: exact within a page, and free to ask.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.connection import connect, transaction
from watchkeeper.journal.protocol import MAX_BYTES, READ_BYTES, Backlog, Entry, StoredEntry
from watchkeeper.journal.repair import FileLock, repair, suspect

_TRIM_ENTRIES = 256
_log = logging.getLogger(__name__)

_INSERT = "INSERT INTO entries (appended_at, kind, model, rows, crc, payload) VALUES (?, ?, ?, ?, ?, ?)"
_READ = (
    "SELECT position, appended_at, kind, model, rows, crc, payload FROM entries"
    " WHERE position > ? AND position <= ? ORDER BY position"
)
_SIZES = "SELECT position, rows, length(payload) FROM entries WHERE position > ? ORDER BY position"
_TRIM = (
    "DELETE FROM entries WHERE position IN"
    " (SELECT position FROM entries WHERE position <= ? AND appended_at < ? ORDER BY position LIMIT ?)"
)
_BACKLOG = (
    "SELECT count(*), coalesce(sum(rows), 0), coalesce(sum(length(payload)), 0), min(appended_at)"
    " FROM entries WHERE position > ?"
)


class SqliteJournal:
    """The journal at `path`, made if it is not there; put aside and replaced if it cannot be read.

    `repaired` says in words what was lost by a repair at this opening, and is empty after an ordinary one.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file_lock = FileLock(path.with_suffix(".lock"))
        with self._faults("open"):
            self.repaired = repair(path, self._file_lock, clock())
            self._connection = connect(path, clock())
        if self.repaired:
            _log.error("%s", self.repaired)

    def append(self, entries: Sequence[Entry]) -> int:
        now = self._clock()
        rows = [(now, e.kind, e.model, e.rows, zlib.crc32(e.payload), e.payload) for e in entries]
        with self._lock, self._faults("append to"), transaction(self._connection) as cursor:
            self._check_room(sum(len(entry.payload) for entry in entries))
            cursor.executemany(_INSERT, rows)
            return self._head()

    def read(self, after: int, max_rows: int, max_bytes: int = READ_BYTES) -> list[StoredEntry]:
        with self._lock, self._faults("read"):
            last = self._last_fitting(after, max_rows, max_bytes)
            return [] if last is None else [_entry(row) for row in self._connection.execute(_READ, (after, last))]

    def trim(self, through: int, older_than: float | None = None) -> int:
        bound = self._clock() + 1e12 if older_than is None else older_than
        removed = 0
        while True:  # In short transactions, so that an append never waits long for the write lock.
            with self._lock, self._faults("trim"), transaction(self._connection) as cursor:
                cursor.execute(_TRIM, (through, bound, _TRIM_ENTRIES))
                removed += cursor.rowcount
                if cursor.rowcount < _TRIM_ENTRIES:
                    return removed

    def head(self) -> int:
        with self._lock, self._faults("read"):
            return self._head()

    def backlog(self, after: int) -> Backlog:
        with self._lock, self._faults("read"):
            entries, rows, size, oldest = self._connection.execute(_BACKLOG, (after,)).fetchone()
        return Backlog(entries=entries, rows=rows, bytes=size, oldest=oldest)

    def size_bytes(self) -> int:
        with self._lock, self._faults("read"):
            return self._size()

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._file_lock.release()

    def _head(self) -> int:
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
        return int(row[0])

    def _size(self) -> int:
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _check_room(self, added: int) -> None:
        size = self._size()
        if size + added > self._max_bytes:
            raise Unavailable(
                f"The journal is full: {size} of {self._max_bytes} bytes wait for the watch worker.",
                hint="Check that `watchkeeper watch` runs and keeps up.",
            )

    def _last_fitting(self, after: int, max_rows: int, max_bytes: int) -> int | None:
        """The last position of the longest run after `after` within both bounds; at least one entry's."""
        last, total_rows, total_bytes = None, 0, 0
        for position, rows, size in self._connection.execute(_SIZES, (after,)):
            total_rows, total_bytes = total_rows + rows, total_bytes + size
            if last is not None and (total_rows > max_rows or total_bytes > max_bytes):
                return last
            last = int(position)
        return last

    @contextlib.contextmanager
    def _faults(self, action: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if type(error) is sqlite3.DatabaseError:  # malformed; a full disk or a lock is an OperationalError
                suspect(self._path)
            raise Unavailable(
                f"Could not {action} the journal {self._path}: {error}.",
                hint="Free disk space if it is full; if it is damaged, a restart puts it aside and goes on.",
            ) from error


def _entry(row: tuple[int, float, str, str, int, int, bytes]) -> StoredEntry:
    position, appended_at, kind, model, rows, crc, payload = row
    return StoredEntry(
        position=position,
        appended_at=appended_at,
        kind=kind,
        model=model,
        rows=rows,
        payload=payload,
        damaged=zlib.crc32(payload) != crc,
    )
