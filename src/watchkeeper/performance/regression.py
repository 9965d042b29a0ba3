"""What is counted of a regression: exact sums of errors to either side, of the truth, and a histogram of errors.

The error is e = prediction - truth. Cells: sums of how far predictions lay `over` and `under` the truth, and of the
squares of both. From these four come bias, MAE, RMSE and the pinball loss at *any* quantile, which weighs the two sides
differently. Further: `truth` and its square (R squared), `relative` = |e| / |truth| and its square (MAPE; rows whose
truth is zero are counted apart, they have no such ratio), `errors` (305 signed bins, see scaling.py), `clipped` rows,
whose error or truth lay so far out that the sums hold a bound of it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from watchkeeper.performance.cells import LIMIT, Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.pairs import REGRESSION, Pairs
from watchkeeper.performance.scaling import Scale, SignedBins
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies import grid
from watchkeeper.tallies.tally import FloatArray, IntArray

BINS = SignedBins()


class RegressionLayout(Countable):
    """The cells of a regression. `centre` and `scale` are of the truth; `error_scale` of the errors."""

    kind: ClassVar[str] = REGRESSION
    classes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, centre: float = 0.0, scale: float = 1.0, error_scale: float = 1.0) -> None:
        self.truth, self.error = Scale(centre, scale), Scale(0.0, error_scale)
        marks = dict.fromkeys(("zero_truth", "clipped", "clipped_relative"), 1)
        self.cells = Cells({**sum_cells("over", "under", "truth", "relative"), **marks, "errors": BINS.size})

    @classmethod
    def fit(cls, reference: Pairs | None = None, span: tuple[float, float] | None = None) -> RegressionLayout:
        """Scales from reference pairs, or from (middle value, ordinary width) of the truth, or 0 and 1."""
        if reference is not None and len(reference):
            truth = np.asarray(reference.truth, np.float64)
            errors = np.asarray(reference.predicted, np.float64) - truth
            scale = Scale.of(truth)
            width = Scale.of(np.concatenate([errors, -errors]))
            return cls(scale.centre, scale.scale, max(width.scale, scale.scale) if errors.any() else scale.scale)
        centre, width_of = span or (0.0, 1.0)
        step = grid.power_of_two_scale(width_of)
        return cls(centre, step, step)

    def counted(self, pairs: Pairs) -> Counted:
        truth, predicted = np.asarray(pairs.truth, np.float64), np.asarray(pairs.predicted, np.float64)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            error = predicted - truth
            relative = np.minimum(np.abs(error) / np.abs(truth), LIMIT)
        zero = truth == 0
        relative[zero] = 0.0
        clipped = self.error.beyond(error) | self.truth.beyond(truth)
        scaled = self.error.scaled(error)
        cells = [
            self.cells.start("errors") + BINS.place(scaled),
            _mark(zero, self.cells.start("zero_truth")),
            _mark(clipped, self.cells.start("clipped")),
            _mark(relative == LIMIT, self.cells.start("clipped_relative")),
        ]
        return Counted(cells, self._sums(scaled, truth, relative))

    def _sums(self, scaled: FloatArray, truth: FloatArray, relative: FloatArray) -> dict[str, IntArray]:
        return {
            **amounts(np.maximum(scaled, 0.0), "over"),
            **amounts(np.maximum(-scaled, 0.0), "under"),
            **amounts(self.truth.scaled(truth), "truth"),
            **amounts(relative, "relative"),
        }

    def sides(self, counts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """(...) weighted sums of over, under and their squares, in the units of the errors (infinity beyond floats)."""
        step, sides = self.error.scale, ("over", "under")
        over, under = (self.cells.total(counts, side) / step for side in sides)
        with np.errstate(over="ignore"):
            over_sq, under_sq = (self.cells.total_sq(counts, side) / step / step for side in sides)
        return over, under, over_sq, under_sq

    def error_bins(self, counts: IntArray) -> tuple[FloatArray, FloatArray]:
        """(edges (bins + 1,) in the units of the errors, weighted rows (..., bins))."""
        return BINS.edges / self.error.scale, self.cells.part(counts, "errors")

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "centre": self.truth.centre,
            "scale": self.truth.scale,
            "error_scale": self.error.scale,
        }


def _mark(rows: BoolArray, cell: int) -> IntArray:
    return np.where(rows, cell, -1)
