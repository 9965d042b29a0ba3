"""How long labels take, as an additive tally: rows by delay and by what the label said.

The delay is from prediction to the label's arrival, in seconds, in bins of a quarter octave from 1 second to 4 years.
Labels are told apart in groups, the classes of a classifier (up to 20) or low and high values of a regression: where
one kind of label comes earlier than another, the labels of a young window are not its labels (see maturity.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.cells import Cells, Counted, tally_rows
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

PER_OCTAVE, OCTAVES = 4, 27
EDGES: FloatArray = np.concatenate(
    [[0.0], *(2.0**octave * (1 + np.arange(PER_OCTAVE) / PER_OCTAVE) for octave in range(OCTAVES)), [2.0**OCTAVES]]
)
"""(110,) edges in seconds; the last bin holds everything beyond."""
BINS = len(EDGES)
MOST_GROUPS = 20


class DelayLayout:
    """The cells of label delays. `groups` are classes, or `low` and `high` where `middle` splits numbers."""

    kind = "delays"

    def __init__(self, groups: Sequence[str] = ("label",), middle: float | None = None) -> None:
        self.groups, self.middle = tuple(groups), middle
        self.cells = Cells({"delay": len(self.groups) * BINS})
        self.size = self.cells.size

    @classmethod
    def of(cls, classes: Sequence[str] = (), middle: float | None = None) -> DelayLayout:
        """For a classifier's classes; for a regression around `middle` (its reference median); else one group."""
        if classes:
            return cls(classes if len(classes) <= MOST_GROUPS else ("label",))
        return cls(("label",)) if middle is None else cls(("low", "high"), middle)

    def tally(self, delay: FloatArray, truth: IntArray | FloatArray | None = None) -> Tally:
        """The tally of labels that came after `delay` (n,) seconds; `truth` (n,) as in Pairs.

        A label that came before its prediction counts as at once. Raises BadInput for a delay that is no number.
        """
        if np.isnan(delay).any():
            raise BadInput(f"Row {int(np.isnan(delay).argmax())}: the label's delay is not a number.")
        place = np.searchsorted(EDGES, np.maximum(delay, 0.0), "right") - 1
        cell = self.cells.start("delay") + self._group(truth, len(delay)) * BINS + place
        return tally_rows(self.cells, Counted([cell]), np.full(len(delay), WEIGHT_ONE, np.int64))

    def _group(self, truth: IntArray | FloatArray | None, rows: int) -> IntArray:
        if len(self.groups) == 1:
            return np.zeros(rows, np.int64)
        if truth is None:
            raise BadInput("Delays of several groups of labels take the labels.")
        return np.asarray(truth if self.middle is None else truth > self.middle, np.int64)

    def delays(self, counts: IntArray) -> FloatArray:
        """(..., groups, bins) labels by group and delay."""
        return self.cells.part(counts, "delay").reshape(*counts.shape[:-1], len(self.groups), BINS)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that the constructor takes, beside the kind."""
        return {"kind": self.kind, "groups": list(self.groups), "middle": self.middle}
