"""How much feedback one sender may send: a bucket of items for each, which refills as time goes.

One sender gone wrong (a loop, a broken job) then cannot fill the journal or the waiting room of the others. A sender is
who the request says it is: the fingerprint of its token, else the name that it gives. `SENDERS` are told apart, the one
heard of longest ago is forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from watchkeeper.events.errors import WatchkeeperError

A_SECOND = 10_000
AT_ONCE = 300_000
SENDERS = 10_000


class TooMany(WatchkeeperError):
    """The sender sends faster than it may; the same request succeeds later."""

    status: ClassVar[int] = 429


class Rate:
    """`a_second` items a sender in the long run, `at_once` after a pause."""

    def __init__(self, a_second: float = A_SECOND, at_once: float = AT_ONCE) -> None:
        self._a_second, self._at_once = a_second, at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, sender: str, items: int, now: float) -> None:
        """Count `items` of `sender` at `now` (seconds). Raises TooMany if that is more than it may send."""
        left, at = self._left.get(sender, (self._at_once, now))
        left = min(self._at_once, left + max(0.0, now - at) * self._a_second)
        if items > left:
            raise TooMany(
                f"More than {self._a_second:g} feedback items a second came from {sender[:80] or 'one sender'!r}.",
                hint=f"Send them again in {(items - left) / self._a_second:.0f} s.",
            )
        self._left[sender] = (left - items, now)
        self._left.move_to_end(sender)
        if len(self._left) > SENDERS:
            self._left.popitem(last=False)
