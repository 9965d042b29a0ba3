"""What every journal promises.

1. `append` returns after the bytes are on disk, so an ack may follow it; if it raises, nothing of the call was kept.
2. Positions strictly increase, in order of commit, and are never used again, even after a trim or a repair.
3. `read` gives entries in order of position, each exactly as it was appended. An entry whose bytes do not match the
   checksum taken at the append is given too, marked `damaged`, so that the reader can count it and go on.
4. A journal is bounded: beyond `max_bytes` an append raises `Unavailable` and the caller counts the loss.

Kinds: `inference` and `feedback` carry an Arrow IPC stream of one RecordBatch (`events.arrow`); `loss` carries JSON
`{"reason": …}` and says that `rows` rows of `model` were lost before they reached the journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

MAX_BYTES = 4 << 30
"""Default bound of a journal, in bytes."""

READ_BYTES = 32 << 20
"""Default bound of one read, in payload bytes; a single larger entry is still given, alone."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One append: `rows` rows of one model, as bytes."""

    kind: str
    model: str
    rows: int
    payload: bytes


class StoredEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as the journal gives it back; `appended_at` is Unix seconds."""

    position: int
    appended_at: float
    kind: str
    model: str
    rows: int
    payload: bytes
    damaged: bool = False


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What waits after a position: entries, rows, payload bytes, and when the oldest was appended (Unix seconds)."""

    entries: int = 0
    rows: int = 0
    bytes: int = 0
    oldest: float | None = None


class Journal(Protocol):
    """A durable, ordered, bounded sequence of entries. Safe to call from several threads."""

    def append(self, entries: Sequence[Entry]) -> int:
        """Keep `entries` in one transaction; the last position. Raises Unavailable when full or out of disk."""

    def read(self, after: int, max_rows: int, max_bytes: int = READ_BYTES) -> list[StoredEntry]:
        """Entries after position `after`: as many as fit both bounds, but at least one if there is one."""

    def trim(self, through: int, older_than: float | None = None) -> int:
        """Forget entries up to position `through` (of those, only ones appended before `older_than`); how many."""

    def head(self) -> int:
        """The last position ever given, 0 before the first."""

    def backlog(self, after: int) -> Backlog:
        """What waits after position `after`."""

    def size_bytes(self) -> int:
        """Bytes in use, to hold against the bound."""

    def close(self) -> None:
        """Release the file. Calling twice is harmless."""
