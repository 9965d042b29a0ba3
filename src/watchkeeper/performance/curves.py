"""Curves and histograms of one tally, for pages: ROC, precision and recall, calibration, scores by label, errors.

Points stand at the edges of score bins in which rows lie, so a curve has as many points as the scores need and no
more. Of a multiclass model every curve is of one class against the rest; the calibration curve without a class is of
the answer given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.calibration import BINS, calibration_bins
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import wilson
from watchkeeper.performance.metrics import basis_of
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.score_bins import FINE, ScoreBins
from watchkeeper.tallies.tally import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Curve:
    """Points (n,) in order of falling `threshold`: `x` and `y` of the decision score >= threshold."""

    x: FloatArray
    y: FloatArray
    threshold: FloatArray


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """For each bin with rows: how many, the mean probability, the share that came true and its 95 % interval."""

    rows: FloatArray
    expected: FloatArray
    true: FloatArray
    low: FloatArray
    high: FloatArray


def scores_of(layout: Layout, counts: IntArray, name: str | None = None) -> tuple[FloatArray, ScoreBins]:
    """(weighted rows by truth and score bin (2, bins), the bins); of a multiclass model those of class `name`.

    Raises BadInput where the task has no scores, NotFound where the class is not counted by itself.
    """
    if isinstance(layout, BinaryLayout):
        return layout.scores(counts), FINE
    if not isinstance(layout, MulticlassLayout):
        raise BadInput(f"A {layout.kind} model has no scores of classes.")
    if name not in layout.named:
        raise NotFound(f"No class {name!r} is counted by itself.", hint=f"There are {', '.join(layout.named[:8])}, ….")
    return layout.scores(counts)[layout.named.index(name)], layout.bins


def roc_curve(layout: Layout, counts: IntArray, name: str | None = None) -> Curve:
    """False positive rate (x) and true positive rate (y); empty unless both classes have scores."""
    scores, bins = scores_of(layout, counts, name)
    (false, true), threshold = _reached(scores, bins)
    if not (false[-1] and true[-1]):
        return _no_curve()
    return Curve(false / false[-1], true / true[-1], threshold)


def precision_recall_curve(layout: Layout, counts: IntArray, name: str | None = None) -> Curve:
    """Recall (x) and precision (y), without the point of no decision; empty where no label is positive."""
    scores, bins = scores_of(layout, counts, name)
    (false, true), threshold = _reached(scores, bins)
    if not true[-1]:
        return _no_curve()
    return Curve((true / true[-1])[1:], (true / np.maximum(true + false, 1e-300))[1:], threshold[1:])


def _reached(scores: FloatArray, bins: ScoreBins) -> tuple[FloatArray, FloatArray]:
    """((2, points) rows by truth at or above each threshold, thresholds), from none of the rows to all."""
    used = np.flatnonzero(scores.sum(0))[::-1]
    above = np.cumsum(scores[:, used], axis=1)
    return np.concatenate([np.zeros((2, 1)), above], axis=1), np.concatenate([[np.inf], bins.lower[used]])


def _no_curve() -> Curve:
    return Curve(np.zeros(0), np.zeros(0), np.zeros(0))


def calibration_curve(
    layout: Layout, counts: IntArray, name: str | None = None, number: int = BINS
) -> CalibrationCurve:
    """`number` equal bins of the probability, those without rows left out."""
    if isinstance(layout, MulticlassLayout) and name is None:
        parts = [layout.cells.part(counts, part) for part in ("sure_wrong", "sure_right")]
        scores, bins = np.stack(parts), layout.bins
    else:
        scores, bins = scores_of(layout, counts, name)
    rows, expected, true = calibration_bins(scores, bins, number)
    used = rows > 0
    worth = basis_of(layout, counts).worth(1.0)
    ends = [wilson(float(share), float(n) * worth) for share, n in zip(true[used], rows[used], strict=True)]
    low, high = np.array(ends).reshape(-1, 2).T
    return CalibrationCurve(rows[used], expected[used], true[used], low, high)


def score_histogram(
    layout: Layout, counts: IntArray, name: str | None = None, number: int = 32
) -> tuple[FloatArray, FloatArray]:
    """(edges (number + 1,), weighted rows by truth (2, number)) in equal bins; `number` is a power of two up to 64."""
    scores, bins = scores_of(layout, counts, name)
    group = np.minimum((bins.lower * number).astype(np.int64), number - 1)
    rows = np.array([np.bincount(group, part, number) for part in scores])
    return np.linspace(0, 1, number + 1), rows
