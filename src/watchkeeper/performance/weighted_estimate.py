"""Estimates that survive a move of the inputs: what scores mean is learned anew, for rows like the window's.

Importance-weighted confidence-based estimation, as PAPE (Białek, Nurminen, Kuberski and others, *Estimating model
performance under covariate shift without labels*, arXiv 2401.08348), but with weights from the window's tally
(shift_weights.py) where PAPE learns them from its rows. It survives a move of the inputs, and no change of what they
mean. The weights see how each input moved, not how inputs moved together. So outputs take no part in them and
are the check: an output is a function of the inputs, and weights that are right make its cells the window's. Where a
tenth of the rows lie elsewhere beyond what chance explains, nothing is said. On windows tilted by one feature or by two
at most 0.05 lay elsewhere; on NannyML's synthetic car loans, whose inputs move together, 0.15, and weighted estimates
of accuracy, by rows or by margins, were off by 0.02 where plain ones were off by 0.005.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import sparse

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import Estimator, estimator
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.metric import Metric, untold
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.shift_weights import UNLIKE, Raking, ShiftWeights
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
        self._inputs, self._outputs = cells.inputs, cells.outputs
        design = cells.design(rows.filter(pa.array(kept)))
        self._raking = Raking(sparse.csr_array(design[:, self._inputs]), self._pairs.weight.astype(np.float64))
        self._across = [design[:, own].T.tocsr() for own in self._outputs]

    def metrics(self, profile: FloatArray, said: IntArray) -> dict[str, Metric]:
        """Estimated metrics of a window: its `profile` (1 + cells,) and scores `said` (questions, 2, bins).

        No value where too few of the labelled rows are like it.
        """
        n, layout = int(said[0].sum()), self._plain.layout
        found = self._raking.weights(profile[self._inputs], n)
        fault = found.fault or self._elsewhere(found, profile, n)
        if fault:
            return {name: untold(fault, n) for name in self._plain.metrics(said)}
        weight = np.maximum(np.rint(found.weight * WEIGHT_ONE), 1).astype(np.int64)
        pairs = Pairs(
            self._pairs.task, self._pairs.classes, weight,
            truth=self._pairs.truth, predicted=self._pairs.predicted, scores=self._pairs.scores,
        )  # fmt: skip
        worth = found.effective / (float(weight.sum()) / WEIGHT_ONE)
        learned = estimator(layout, layout.tally(pairs).counts[None], worth=worth)
        known = self._plain if learned is None else learned
        return Estimator(layout, known.known, self._plain.moves, self._plain.blocks, known.rows).metrics(said)

    def _elsewhere(self, found: ShiftWeights, profile: FloatArray, n: int) -> str:
        """Why weights that match the inputs do not match the outputs; empty where they do."""
        for places, across in zip(self._outputs, self._across, strict=True):
            share, weighted = profile[places], across @ found.weight / len(found.weight)
            gap = float(np.abs(weighted - share).sum()) / 2
            chance = float(np.sqrt(2 / np.pi * share * (1 - share) * (1 / n + 1 / found.effective)).sum()) / 2
            if gap > UNLIKE + chance:
                return (
                    f"labelled rows weighted like this window's inputs do not give its outputs: {gap:.0%} lie elsewhere"
                )
        return ""
