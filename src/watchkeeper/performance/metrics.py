"""Metrics of one window's tally, whatever the task: names in the field's terms, each with interval, n and remarks."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.binary_metrics import binary_metrics
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import Basis, Metric, joined
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.multiclass_metrics import multiclass_metrics
from watchkeeper.performance.other_metrics import ranking_metrics, reward_metrics
from watchkeeper.performance.ranking import RankingLayout
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.performance.regression_metrics import quantile_loss, regression_metrics
from watchkeeper.performance.reward import RewardLayout
from watchkeeper.tallies.tally import IntArray

__all__ = ["Metric", "basis_of", "metrics"]

MAIN = {
    "binary": "roc_auc",
    "multiclass": "accuracy",
    "regression": "mae",
    "ranking": "ndcg_at_10",
    "reward": "mean_reward",
}
"""The metric of each task that is shown first."""


def metrics(
    layout: Layout, counts: IntArray, threshold: float | None = None, quantiles: Sequence[float] = ()
) -> dict[str, Metric]:
    """All metrics of one tally's `counts` (size,), by name.

    `threshold` is for binary models: decisions are then score >= threshold, not the model's own. `quantiles` asks a
    regression for the pinball loss at each, called `quantile_loss[0.9]`. Raises BadInput for a threshold or quantile
    outside 0 to 1, or for a vector of another layout.
    """
    if counts.shape != (layout.size,):
        raise BadInput(f"These counts have shape {counts.shape}; this layout has {layout.size} cells.")
    for value in (*quantiles, *(() if threshold is None else (threshold,))):
        if not 0 <= value <= 1:
            raise BadInput(f"A threshold or quantile lies within 0 to 1, {value} does not.")
    basis = basis_of(layout, counts)
    found = _of_task(layout, counts, basis, threshold, quantiles)
    if not basis.note:
        return found
    return {name: msgspec.structs.replace(m, note=joined(m.note, basis.note)) for name, m in found.items()}


def basis_of(layout: Layout, counts: IntArray) -> Basis:
    """What one tally's weighted counts rest on."""
    cells = layout.cells
    return Basis(float(cells.rows(counts)), float(cells.weight(counts)), float(cells.effective(counts)))


def _of_task(
    layout: Layout, counts: IntArray, basis: Basis, threshold: float | None, quantiles: Sequence[float]
) -> dict[str, Metric]:
    match layout:
        case BinaryLayout():
            return binary_metrics(layout, counts, basis, threshold)
        case MulticlassLayout():
            return multiclass_metrics(layout, counts, basis)
        case RegressionLayout():
            pinball = {f"quantile_loss[{q:g}]": quantile_loss(layout, counts, basis, q) for q in quantiles}
            return regression_metrics(layout, counts, basis) | pinball
        case RankingLayout():
            return ranking_metrics(layout, counts, basis)
        case RewardLayout():
            return reward_metrics(layout, counts, basis)
    raise BadInput(f"No metrics are known for a layout of kind {layout.kind!r}.")
