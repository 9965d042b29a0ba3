"""Estimates that survive a move of the inputs: what scores mean is learned anew, for rows like the window's.

Importance-weighted confidence-based estimation, as PAPE (Białek, Nurminen, Kuberski and others, *Estimating model
performance under covariate shift without labels*, arXiv 2401.08348), but with weights from the window's tally
(shift_weights.py) where PAPE learns them from its rows. It survives a move of the inputs, and no change of what they
mean.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import Estimator, estimator
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.metric import Metric, untold
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.shift_weights import Raking
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.tallies.tally import FloatArray, IntArray

WEIGHTED = "weighted confidence"
MOST_ROWS = 20_000


class WeightedEstimator:
    """Labelled `pairs` (n) whose features and outputs are `rows`, named as in the binning; thinned to at most 20,000.

    `plain` is the estimator without weights; how far blocks of time move is taken from it. Raises BadInput where there
    are no rows, or not as many as pairs.
    """

    def __init__(self, cells: FeatureCells, rows: pa.Table, pairs: Pairs, plain: Estimator) -> None:
        if not len(pairs) or len(pairs) != rows.num_rows:
            raise BadInput(f"{len(pairs):,} labelled pairs do not go with {rows.num_rows:,} rows.")
        kept = np.arange(len(pairs)) % -(-len(pairs) // MOST_ROWS) == 0
        self._plain, self._pairs = plain, pairs.take(kept)
        self._raking = Raking(cells.design(rows.filter(pa.array(kept))), self._pairs.weight.astype(np.float64))

    def metrics(self, profile: FloatArray, said: IntArray) -> dict[str, Metric]:
        """Estimated metrics of a window: its `profile` (1 + cells,) and scores `said` (questions, 2, bins).

        No value where too few of the labelled rows are like it.
        """
        n, layout = int(said[0].sum()), self._plain.layout
        found = self._raking.weights(profile, n)
        if found.fault:
            return {name: untold(found.fault, n) for name in self._plain.metrics(said)}
        weight = np.maximum(np.rint(found.weight * WEIGHT_ONE), 1).astype(np.int64)
        pairs = Pairs(
            self._pairs.task, self._pairs.classes, weight,
            truth=self._pairs.truth, predicted=self._pairs.predicted, scores=self._pairs.scores,
        )  # fmt: skip
        worth = found.effective / (float(weight.sum()) / WEIGHT_ONE)
        learned = estimator(layout, layout.tally(pairs).counts[None], worth=worth)
        known = self._plain if learned is None else learned
        return Estimator(layout, known.known, self._plain.moves, self._plain.blocks, known.rows).metrics(said)
