"""Which windows were mature at a moment, by what was known then: what is said of it must not go by what came later.

How labels come is read from their delays in the last 240 windows. A label whose delay lies in a bin that its window
was too young to have shown in full had, as far as anybody could tell, not come: it teaches nothing yet. The labels
themselves are taken as they stand: those of an early window that came late, and corrections, are in its counts whenever
it is looked at.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.performance.arrival import learn_arrival
from watchkeeper.performance.delays import BINS, EDGES
from watchkeeper.performance.maturity import FEWEST, MATURE
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.tallies.tally import FloatArray, IntArray

LOOK_BACK = 240


class KnownBy:
    """Reads the delays of `windows` once, and then tells of any moment."""

    def __init__(self, windows: LabelledWindows) -> None:
        self._windows = windows
        self._starts = np.array(windows.starts, np.int64)
        self._asked = np.array([windows.predictions.get(start, 0) for start in windows.starts], np.int64)
        self._delays = np.zeros((len(self._starts), windows.delays.size), np.int64)
        for place, start in enumerate(windows.starts):
            found = windows.at(start).delays
            if found is not None:
                self._delays[place] = found

    def mature_by(self, at: float) -> list[int]:
        """Starts of the windows with labels that were mature at `at` (Unix seconds), oldest first."""
        width = self._windows.width
        ended = self._starts + width <= at
        inside = ended & (self._starts > self._starts[ended].max(initial=0) - LOOK_BACK * width)
        starts = self._starts[inside]
        age = (at - width) - starts.astype(np.float64)
        shown = self._windows.delays.delays(self._shown(self._delays[inside], age)).sum(1)
        arrival = learn_arrival(age, np.where(self._asked[inside, None] > 0, shown, 0.0))
        if arrival is None or arrival.labels < FEWEST:
            return []
        mature = 0  # what is older than a mature window is mature, too
        for place in range(len(starts), 0, -1):
            if arrival.over(age[place - 1], age[place - 1] + width) >= MATURE:
                mature = place
                break
        return [start for start in starts[:mature].tolist() if self._windows.at(start).counts is not None]

    def _shown(self, delays: IntArray, age: FloatArray) -> IntArray:
        """`delays` (K, size) without those of bins that windows of these ages (K,) cannot have shown in full."""
        layout = self._windows.delays
        first, groups = layout.cells.start("delay"), len(layout.groups)
        whole = np.concatenate([EDGES[1:] <= age[:, None], np.zeros((len(age), 1), bool)], axis=1)
        shown = delays.copy()
        shown[:, first : first + groups * BINS] *= np.tile(whole, groups)
        return shown
