"""What the request path hands over, and the bounded buffer in between.

One thread (the event loop) puts, one (the recorder) takes. A deque's append and popleft are atomic, and each counter
has one writer, so there is no lock on the request path. A full buffer drops the newest: what was accepted stays.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import NamedTuple

from watchkeeper.gateway.catalogue import ServedVersion
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Rows

BUFFER_FULL = "buffer_full"


class Captured(NamedTuple):
    """One request of `n` rows as it was answered. `rows` and `outputs` are None where the request did not get so far.

    Times are Unix microseconds; `event_time` is a list when each row has its own. `size` is what it holds of memory,
    roughly, in bytes. `committed` is resolved when the journal has it (capture mode durable).
    """

    served: ServedVersion
    n: int
    rows: Rows | None
    outputs: Outputs | None
    prediction_id: str
    request_id: str | None
    event_time: int | list[int]
    receive_time: int
    status: int
    error: str | None
    latency_us: int
    size: int
    committed: asyncio.Future[None] | None = None


class CaptureBuffer:
    """A queue of captured requests, bounded in rows and in bytes."""

    def __init__(self, max_rows: int, max_bytes: int) -> None:
        self._max_rows, self._max_bytes = max_rows, max_bytes
        self._items: deque[Captured] = deque()
        self._rows_in = self._rows_out = self._bytes_in = self._bytes_out = 0
        self.dropped: Counter[str] = Counter()

    def put(self, item: Captured) -> bool:
        """Queue `item`; False, with its rows counted as dropped for its model, when there is no room."""
        if (
            self._rows_in - self._rows_out + item[1] > self._max_rows
            or self._bytes_in - self._bytes_out + item[11] > self._max_bytes
        ):
            self.dropped[item.served.model] += item.n
            return False
        self._rows_in += item[1]
        self._bytes_in += item[11]
        self._items.append(item)
        return True

    def take(self, max_rows: int) -> list[Captured]:
        """Up to about `max_rows` rows, oldest first. They keep their room until `release`."""
        taken: list[Captured] = []
        rows = 0
        while rows < max_rows:
            try:
                item = self._items.popleft()
            except IndexError:
                break
            taken.append(item)
            rows += item.n
        return taken

    def release(self, items: list[Captured]) -> None:
        """Give back the room of taken items, once they are in the journal or counted as lost."""
        self._rows_out += sum(item.n for item in items)
        self._bytes_out += sum(item.size for item in items)

    def waiting(self) -> list[Captured]:
        """What has not been taken yet, oldest first; it stays where it is."""
        return list(self._items)

    @property
    def rows(self) -> int:
        """Rows that are waiting or on their way into the journal."""
        return self._rows_in - self._rows_out

    @property
    def size_bytes(self) -> int:
        """Bytes of memory that they hold, roughly."""
        return self._bytes_in - self._bytes_out
