"""Whether a model is quick enough to predict on the event loop.

A prediction on the loop costs no hand-over (about 60 µs) but holds up every other request, health checks included. So
each size class of requests (1, 2-3, 4-7 … rows) is timed: it begins in the thread pool, moves to the loop once its
smoothed time is below FAST, and back when it is above SLOW. The gap between the two stops flapping. Of the first few
the quickest counts: a model's first predictions are slower than those to come.
"""

from __future__ import annotations

FAST = 0.002
SLOW = 0.005
_PATIENCE = 3
_SMOOTHING = 0.2
_CLASSES = 40


class Pace:
    """Smoothed seconds a prediction by size class, and where the next one should run. Used by the event loop alone."""

    def __init__(self) -> None:
        self._seconds = [0.0] * _CLASSES
        self._seen = [0] * _CLASSES
        self.inline = [False] * _CLASSES

    def on_loop(self, rows: int) -> bool:
        """Whether a request of so many rows is quick enough to run on the event loop."""
        return self.inline[rows.bit_length()]

    def record(self, rows: int, seconds: float) -> None:
        """Take in how long a prediction of so many rows took."""
        size = rows.bit_length()
        before, seen = self._seconds[size], self._seen[size]
        if seen >= _PATIENCE:
            smoothed = before + _SMOOTHING * (seconds - before)
        else:
            smoothed = min(seconds, before) if seen else seconds
            self._seen[size] = seen + 1
        self._seconds[size] = smoothed
        if self.inline[size]:
            self.inline[size] = smoothed < SLOW
        elif seen + 1 >= _PATIENCE:
            self.inline[size] = smoothed < FAST
