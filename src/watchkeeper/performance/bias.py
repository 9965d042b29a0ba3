"""Prediction bias: does what the model says on average agree with what came true?

binary      mean probability less the share of positives, also by tenth of the probability
multiclass  for each class: its share of the decisions less its share of the labels
regression  mean prediction less mean label

`biases` gives it block by block, for what is watched (binary models with scores, and regressions).

Zero on average is not calibration: opposite errors cancel. It is the first thing to move when a base rate does.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.curves import CalibrationCurve, calibration_curve
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.losses import means
from watchkeeper.performance.metric import EMPTY, Metric, ratio, untold, within
from watchkeeper.performance.metrics import basis_of, metrics
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.tallies.tally import FloatArray, IntArray


def prediction_bias(layout: Layout, counts: IntArray) -> dict[str, Metric]:
    """By class name, or under `bias` for a binary model or a regression. Raises BadInput for other tasks."""
    if isinstance(layout, BinaryLayout):
        return {"bias": metrics(layout, counts)["prediction_bias"]}
    if isinstance(layout, RegressionLayout):
        return {"bias": metrics(layout, counts)["bias"]}
    if not isinstance(layout, MulticlassLayout):
        raise BadInput(f"A {layout.kind} model predicts nothing that labels could be compared with on average.")
    return {name: _of_class(layout, counts, k) for k, name in enumerate(layout.shown)}


def biases(layout: Layout, counts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """(mean (K,), rows (K,), variance of one row (K,)) of prediction less truth in each block, `counts` (K, size).

    As `losses` gives them; a block without scores has no rows. None for tasks in which there is no such difference.
    """
    if isinstance(layout, BinaryLayout):
        scored = layout.scores(counts).sum(-1)
        difference = layout.cells.total(counts, "score") - scored[..., 1]
        return means(layout, counts, difference, layout.cells.total(counts, "brier"), scored.sum(-1))
    if isinstance(layout, RegressionLayout):
        over, under, over_sq, under_sq = layout.sides(counts)
        return means(layout, counts, over - under, over_sq + under_sq, layout.cells.weight(counts))
    return None


def _of_class(layout: MulticlassLayout, counts: IntArray, place: int) -> Metric:
    basis, confusion = basis_of(layout, counts), layout.confusion(counts)
    if not basis.weight:
        return untold(EMPTY)
    shares = confusion / confusion.sum()
    this = np.arange(len(shares)) == place
    influence = this[None, :].astype(np.float64) - this[:, None]
    value = float(shares[:, place].sum() - shares[place].sum())
    return within(ratio(value, influence, shares, basis), low=-1.0, high=1.0)


def bias_by_probability(layout: Layout, counts: IntArray) -> CalibrationCurve:
    """Where on the scale of probabilities a classifier is too sure or not sure enough."""
    return calibration_curve(layout, counts)
