"""When a pass over windows is due: every so many seconds, and in a replay by its own time.

Labels and estimates change slowly beside rows, so their passes run every five minutes. A replay of a year takes less
than that: once the events of a model have moved on by ten windows, a pass is due, too. So it is when the clock was set
back: nobody waits for the old time to come again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from watchkeeper.store.windows import Stream
from watchkeeper.watch.registry import Registry

EVERY_SECONDS = 300.0
PACE_WINDOWS = 10


def rests(last: float, now: float, every: float) -> bool:
    """Whether less than `every` seconds have gone by since `last`; not so where the clock was set back."""
    return 0 <= now - last < every


class Cadence:
    """Remembers when a pass was last due, and how far the events had come by then."""

    def __init__(self, registry: Registry, *, every: float = EVERY_SECONDS) -> None:
        self._registry, self._every = registry, every
        self._last = -math.inf
        self._reached: dict[str, float] = {}

    def due(self, streams: Mapping[str, Stream], now: float) -> bool:
        """Whether a pass is due at `now` (Unix seconds), which it then is counted as."""
        reached = {model: stream.newest_event for model, stream in streams.items()}
        if rests(self._last, now, self._every) and not self._moved_on(reached):
            return False
        self._last, self._reached = now, reached
        return True

    def _moved_on(self, reached: dict[str, float]) -> bool:
        """Whether the events of a model have moved on by ten windows since the last time."""
        for model, event in reached.items():
            settings = self._registry.settings(model)
            if settings and event - self._reached.setdefault(model, event) >= PACE_WINDOWS * settings.window_seconds:
                return True
        return False
