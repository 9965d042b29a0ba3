"""Metrics to be expected of a window without scores, from its tally: of a regression, or a classifier's decisions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.loss_model import LossModel, loss_model
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.pairs import REGRESSION, Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.tallies.tally import FloatArray, IntArray

LOSS_MODEL = "loss model"


@dataclass(frozen=True, eq=False)
class LossEstimator:
    """Estimates metrics of windows: mae and rmse of a regression (from errors and their `squares`), else accuracy."""

    main: LossModel
    squares: LossModel | None

    def metrics(self, profile: FloatArray, n: int) -> dict[str, Metric]:
        """Estimated metrics of a window of `n` rows, its `profile` (1 + cells,) read from its tally."""
        mean = self.main.mean(profile, n)
        if self.squares is None:
            return {"accuracy": _ends(mean, lambda end: min(max(end, 0.0), 1.0))}
        root = _ends(self.squares.mean(profile, n), lambda end: math.sqrt(max(end, 0.0)))
        return {"mae": _ends(mean, lambda end: max(end, 0.0)), "rmse": root}


def loss_estimator(
    cells: FeatureCells, rows: pa.Table, pairs: Pairs, bounds: Sequence[int] | IntArray = ()
) -> LossEstimator:
    """Taught by labelled `pairs` (n) in order of time, whose features and outputs are `rows`, named as in the binning.

    `bounds` (K + 1,) cut them into blocks of time. Raises BadInput where there are no rows, or not as many.
    """
    loss, weight = row_losses(pairs)[MAIN], pairs.weight.astype(np.float64)
    if pairs.task != REGRESSION:
        return LossEstimator(loss_model(cells, rows, 1 - loss, weight, bounds), None)
    models = (loss_model(cells, rows, part, weight, bounds) for part in (loss, loss**2))
    return LossEstimator(*models)


def _ends(metric: Metric, change: Callable[[float], float]) -> Metric:
    """The value and both ends of its interval, changed."""
    value, low, high = (None if end is None else change(end) for end in (metric.value, metric.low, metric.high))
    return msgspec.structs.replace(metric, value=value, low=low, high=high)
