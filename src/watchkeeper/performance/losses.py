"""The main loss of each block of rows: what is watched for harm, the same shape for every task.

task                 loss of one row
binary, multiclass   1 if the decision was wrong, else 0
regression           |prediction - truth|
ranking              1 - NDCG at 10 (queries without a relevant item left out)
reward               the reward with its sign turned, so that higher is worse
"""

from __future__ import annotations

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.ranking import RankingLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.performance.reward import RewardLayout
from watchkeeper.tallies.tally import FloatArray, IntArray

_NDCG = "ndcg_at_10"


def losses(layout: Layout, counts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(mean (K,), rows (K,), variance of one row's loss (K,)) of the main loss of each block, `counts` (K, size).

    `rows` is the effective number: weighted rows count for what they tell, so variance / rows is the noise of a mean.
    Mean and variance are NaN where a block has no rows, the variance also where it has one.
    """
    return means(layout, counts, *_sums(layout, counts))


def means(
    layout: Layout, counts: IntArray, total: FloatArray, square: FloatArray, of: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What `losses` gives, of values with the weighted (K,) sum `total`, that of squares `square`, in `of` rows.

    A variance beyond what a float holds is NaN: that block cannot say it.
    """
    weight = layout.cells.weight(counts)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        rows = np.where(weight > 0, layout.cells.effective(counts) * of / weight, 0.0)
        mean = np.where(of > 0, total / of, np.nan)
        variance = np.maximum(square / of - mean**2, 0.0) * rows / (rows - 1)
    return mean, rows, np.where((rows > 1) & np.isfinite(variance), variance, np.nan)


def _sums(layout: Layout, counts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted (K,) sums of the loss and of its square, and the weighted rows that have one."""
    cells = layout.cells
    weight = cells.weight(counts)
    match layout:
        case BinaryLayout():
            table = layout.decisions(counts)
            wrong = table[..., 0, 1] + table[..., 1, 0]
            return wrong, wrong, weight
        case MulticlassLayout():
            wrong = weight - layout.hits(counts)
            return wrong, wrong, weight
        case RegressionLayout():
            over, under, over_sq, under_sq = layout.sides(counts)
            return over + under, over_sq + under_sq, weight
        case RankingLayout():
            of = weight - cells.part(counts, "barren")[..., 0]
            gain, gain_sq = cells.total(counts, _NDCG), cells.total_sq(counts, _NDCG)
            return of - gain, of - 2 * gain + gain_sq, of
        case RewardLayout():
            step = layout.reward.scale
            total = cells.total(counts, "reward") / step
            return -total, cells.total_sq(counts, "reward") / step / step, weight
    raise BadInput(f"No loss is known for a layout of kind {layout.kind!r}.")
