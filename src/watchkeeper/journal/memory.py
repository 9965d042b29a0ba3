"""A journal in memory: the real fake for tests, and for a process that may lose what it holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.protocol import MAX_BYTES, READ_BYTES, Backlog, Entry, StoredEntry


class MemoryJournal:
    """Keeps entries in a list. Not durable: everything else is as `Journal` says."""

    def __init__(self, *, clock: Callable[[], float] = time.time, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: list[StoredEntry] = []
        self._head = 0
        self._bytes = 0

    def append(self, entries: Sequence[Entry]) -> int:
        added = sum(len(entry.payload) for entry in entries)
        now = self._clock()
        with self._lock:
            if self._bytes + added > self._max_bytes:
                raise Unavailable(f"The journal is full ({self._bytes} of {self._max_bytes} bytes).")
            for entry in entries:
                self._head += 1
                self._entries.append(_stored(entry, self._head, now))
            self._bytes += added
            return self._head

    def read(self, after: int, max_rows: int, max_bytes: int = READ_BYTES) -> list[StoredEntry]:
        with self._lock:
            waiting = [entry for entry in self._entries if entry.position > after]
        return _fitting(waiting, max_rows, max_bytes)

    def trim(self, through: int, older_than: float | None = None) -> int:
        with self._lock:
            kept = [
                entry
                for entry in self._entries
                if entry.position > through or (older_than is not None and entry.appended_at >= older_than)
            ]
            removed = len(self._entries) - len(kept)
            self._entries = kept
            self._bytes = sum(len(entry.payload) for entry in kept)
        return removed

    def head(self) -> int:
        return self._head

    def backlog(self, after: int) -> Backlog:
        with self._lock:
            waiting = [entry for entry in self._entries if entry.position > after]
        return Backlog(
            entries=len(waiting),
            rows=sum(entry.rows for entry in waiting),
            bytes=sum(len(entry.payload) for entry in waiting),
            oldest=waiting[0].appended_at if waiting else None,
        )

    def size_bytes(self) -> int:
        return self._bytes

    def close(self) -> None:
        return None


def _stored(entry: Entry, position: int, now: float) -> StoredEntry:
    return StoredEntry(
        position=position,
        appended_at=now,
        kind=entry.kind,
        model=entry.model,
        rows=entry.rows,
        payload=entry.payload,
    )


def _fitting(waiting: list[StoredEntry], max_rows: int, max_bytes: int) -> list[StoredEntry]:
    """The longest run of `waiting` within both bounds, but at least one entry."""
    rows = size = 0
    for index, entry in enumerate(waiting):
        rows += entry.rows
        size += len(entry.payload)
        if index and (rows > max_rows or size > max_bytes):
            return waiting[:index]
    return waiting
