"""Those that wait to be looked at by a pass, in line.

Rows wait while a pass works, so it pauses after a while and goes on at its next turn. Where there is more to do than
time for it all are looked at as often: when they are lined up anew, who was looked at longest ago is ahead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Line(Generic[T]):
    """First come, first looked at; nobody stands in it twice."""

    def __init__(self) -> None:
        self._waiting: deque[T] = deque()
        self._seen: list[T] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def line_up(self, all_: Iterable[T]) -> None:
        """All who are to be looked at: those who wait already ahead, then those who did; nobody else waits any more."""
        wanted = dict.fromkeys(all_)
        known = [one for one in (*self._waiting, *self._seen) if one in wanted]
        self._waiting, self._seen = deque(dict.fromkeys([*known, *wanted])), []

    def again(self, one: T) -> None:
        """`one` was not looked at in full: it waits once more, behind the others."""
        self._waiting.append(one)

    def take(self, most: float, spent: Callable[[], float]) -> Iterator[T]:
        """One after the other, until none is left or as much as `most` is `spent`."""
        while self._waiting and spent() < most:
            self._seen.append(self._waiting.popleft())
            yield self._seen[-1]
