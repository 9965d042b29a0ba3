"""Fixed bins of a probability: uniform in the middle, finer towards 0 and 1, the two ends apart.

The ends 0 and 1 are atoms. Between them lie `uniform` equal bins (a power of two); the first and the last of these are
cut again, octave by octave down to `finest`, each octave into `per_octave` equal bins, so that the scores of a rare
event, most of them tiny, are still told apart. All edges are exact in float64, hence the same on every machine.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.tallies.tally import FloatArray, IntArray


class ScoreBins:
    """`size` bins in ascending order; bin 0 holds exactly 0, the last exactly 1, others [edge, next edge)."""

    def __init__(self, uniform: int, finest: float, per_octave: int) -> None:
        self._edges = _edges(uniform, finest, per_octave)
        self._uniform = uniform
        self._second = int(np.searchsorted(self._edges, 1.0 / uniform, "right"))
        self.lower: FloatArray = np.concatenate([[0.0], self._edges])
        """(size,) each bin's lower edge; the second bin holds what lies above 0."""
        self.middle: FloatArray = np.concatenate([[0.0], (self._edges[:-1] + self._edges[1:]) / 2, [1.0]])
        self.size = len(self.middle)
        self.atom = np.zeros(self.size, bool)
        self.atom[[0, -1]] = True

    def place(self, scores: FloatArray) -> IntArray:
        """The bin of each score; scores lie within 0 to 1."""
        uniform = (scores * self._uniform).astype(np.int64)  # exact, as their number is a power of two
        found: IntArray = uniform + (self._second - 1)
        outer = np.flatnonzero((uniform == 0) | (uniform >= self._uniform - 1))
        if outer.size:
            found[outer] = np.searchsorted(self._edges, scores[outer], "right")
            found[outer[scores[outer] == 0]] = 0
        return found

    def at_threshold(self, threshold: float) -> tuple[int, float]:
        """(first bin at or above the threshold, the threshold that this bin's lower edge really is)."""
        if threshold <= 0:
            return 0, 0.0
        if threshold > 1:
            return self.size, threshold
        first = int(np.abs(self.lower[1:] - threshold).argmin()) + 1
        return first, float(self.lower[first])


def _edges(uniform: int, finest: float, per_octave: int) -> FloatArray:
    """Ascending edges from 0 to 1."""
    middle = np.arange(1, uniform) / uniform
    fine = []
    top = 1.0 / uniform
    while top > finest:
        fine.append(top / 2 + top / 2 * np.arange(per_octave) / per_octave)
        top /= 2
    low = np.sort(np.concatenate([*fine, [0.0]])) if fine else np.array([0.0])
    return np.unique(np.concatenate([low, middle, 1.0 - low]))


FINE = ScoreBins(1024, 2.0**-24, 16)
"""For a binary model: 1,474 bins."""
MIDDLING = ScoreBins(256, 2.0**-16, 8)
"""For each class of a model with few classes: 386 bins."""
COARSE = ScoreBins(64, 2.0**-12, 4)
"""For each class of a model with many: 114 bins."""
