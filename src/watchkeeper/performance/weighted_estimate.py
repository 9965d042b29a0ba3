"""Estimates that survive a move of the inputs: the calibration is learned anew for rows like the window's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.performance.estimate import Estimator, estimator
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import Metric, untold
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.shift_weights import shift_weights
from watchkeeper.performance.weights import WEIGHT_ONE

MOST_REFERENCE, MOST_WINDOW = 20_000, 3_000


class WeightedEstimator:
    """Reference rows in memory: `features` and their labelled `pairs` (n), evenly thinned to at most 20,000.

    `plain` is the estimator without weights; how far blocks of time move is taken from it.
    """

    def __init__(self, layout: Layout, features: pa.Table, pairs: Pairs, plain: Estimator) -> None:
        step = -(-len(pairs) // MOST_REFERENCE) or 1
        kept = np.arange(len(pairs)) % step == 0
        self._layout, self._plain = layout, plain
        self._pairs, self._features = pairs.take(kept), features.filter(pa.array(kept))
        self._cells = FeatureCells.fit(self._features)

    def metrics(self, features: pa.Table, window: Pairs) -> dict[str, Metric]:
        """Estimated metrics of a window of rows, whose truth is not looked at. No value where too few are alike."""
        step = -(-features.num_rows // MOST_WINDOW) or 1
        thinned = features.filter(pa.array(np.arange(features.num_rows) % step == 0))
        found = shift_weights(self._features, thinned, self._cells)
        said = said_counts(self._layout, window)
        if found.fault:
            return {name: untold(found.fault, len(window)) for name in self._plain.metrics(said)}
        weight = np.maximum(np.rint(found.weight * self._pairs.weight), 1).astype(np.int64)
        pairs = Pairs(
            self._pairs.task, self._pairs.classes, weight,
            truth=self._pairs.truth, predicted=self._pairs.predicted, scores=self._pairs.scores,
        )  # fmt: skip
        worth = found.effective / (float(weight.sum()) / WEIGHT_ONE)
        learned = estimator(self._layout, self._layout.tally(pairs).counts[None], worth=worth)
        known = self._plain if learned is None else learned
        moved = Estimator(self._layout, known.known, self._plain.moves, self._plain.blocks, known.rows)
        return moved.metrics(said)
