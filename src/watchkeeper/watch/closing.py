"""When a window is complete, by the time of its events and, in a live stream, by the clock. Pure.

A window [start, end) of a model closes when
- an event at least `lateness` after its end has been seen: whatever comes after that is late; or
- the stream is live (its events are about as old as now) and the clock says so: a quiet night must not keep the
  evening's window open.

In a replay of history only the first counts, so a replay gives the same verdicts however fast it runs. A late row opens
its window again: it is judged anew, as a revision.
"""

from __future__ import annotations

import math

from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream

LIVE_SECONDS = 3600.0
"""A stream whose newest event was received within this time of happening is live."""

QUIET_WINDOWS = 3
"""How many empty windows of a live stream are judged before silence has been said clearly enough."""


def is_live(stream: Stream, settings: ModelSettings) -> bool:
    """Whether the model's events come as they happen."""
    return stream.lag <= max(LIVE_SECONDS, settings.lateness_seconds)


def complete_until(stream: Stream, settings: ModelSettings, now: float) -> float:
    """Every window that ends by this time (Unix seconds) is complete."""
    by_events = stream.newest_event - settings.lateness_seconds
    return max(by_events, now - settings.lateness_seconds) if is_live(stream, settings) else by_events


def quiet_windows(stream: Stream, settings: ModelSettings, now: float) -> list[tuple[int, int]]:
    """Complete windows of a live stream after its newest event, in which nothing came: at most the first three."""
    if not is_live(stream, settings):
        return []
    length, until = settings.window_seconds, complete_until(stream, settings, now)
    first = math.floor(stream.newest_event / length) * length + length
    spans = [(first + k * length, first + (k + 1) * length) for k in range(QUIET_WINDOWS)]
    return [span for span in spans if span[1] <= until]


def quiet_run(stream: Stream, start: int, length: int) -> int:
    """Which empty window in a row the one at `start` is, counted from the newest event: 1 is the first."""
    newest = math.floor(stream.newest_event / length) * length
    return max(1, (start - newest) // length)
