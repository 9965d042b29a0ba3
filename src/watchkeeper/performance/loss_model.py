"""The loss to be expected of a window whose labels are not known, from its tally of features and answers.

Direct loss estimation, as an additive model: ridge regression of the loss on one cell for each feature and for the
answer itself, so that the mean over a window is a linear functional of its tally. Each quarter of the labelled rows in
time is estimated by what the others taught; how far whole blocks of it then lie off, beyond chance, widens every
interval. It carries the same assumption as all estimates without labels: that rows like these are as hard as they were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import linalg, sparse, special

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import BLOCKS, FOLDS, NO_BLOCKS
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.metric import Metric, Z, untold
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray, IntArray

MOST_ROWS = 50_000
RIDGE = 10.0


@dataclass(frozen=True, eq=False)
class LossModel:
    """`weights` (1 + cells,), their covariance, the variance of one row's loss around them, and `moves` of blocks."""

    weights: FloatArray
    covariance: FloatArray
    variance: float
    moves: float | None
    blocks: int

    def mean(self, profile: FloatArray, n: int) -> Metric:
        """The mean loss to be expected of a window of `n` rows with the mean design `profile` (1 + cells,)."""
        if not n:
            return untold("no row to estimate it from")
        value = float(profile @ self.weights)
        spread = self.variance / n + float(profile @ self.covariance @ profile)
        sure = self.moves is not None
        half = (float(special.stdtrit(self.blocks - 1, 0.975)) if sure else Z) * math.sqrt(spread + (self.moves or 0.0))
        note = "" if sure else NO_BLOCKS
        return Metric(value=value, low=value - half, high=value + half, n=n, note=note, estimated=True)


def loss_model(
    cells: FeatureCells, rows: pa.Table, loss: FloatArray, weight: FloatArray, bounds: Sequence[int] | IntArray = ()
) -> LossModel:
    """From labelled rows in order of time: features and answers `rows`, their `loss` (n,) and `weight` (n,).

    `bounds` (K + 1,) cut the rows into blocks of time. Raises BadInput where there are no rows, or not as many losses.
    """
    if not rows.num_rows or not rows.num_rows == len(loss) == len(weight):
        raise BadInput(f"{len(loss):,} losses and {len(weight):,} weights do not go with {rows.num_rows:,} rows.")
    thinned = np.arange(len(loss)) % -(-len(loss) // MOST_ROWS) == 0
    guess = _out_of_fold(cells, rows, loss, weight, thinned)
    variance = float(np.average((loss - guess) ** 2, weights=weight))
    weights, inverse = _ridge(cells.design(rows.filter(pa.array(thinned))), loss[thinned], weight[thinned])
    moves, blocks = _moves(loss - guess, weight, np.asarray(bounds, np.int64))
    return LossModel(weights, inverse * variance, variance, moves, blocks)


def _out_of_fold(
    cells: FeatureCells, rows: pa.Table, loss: FloatArray, weight: FloatArray, thinned: BoolArray
) -> FloatArray:
    """(n,) the loss expected of each row by what the other quarters of time taught, from their `thinned` rows."""
    fold = np.arange(len(loss)) * FOLDS // len(loss)
    guess = loss.copy()
    for part in range(FOLDS):
        taught, held = np.flatnonzero(thinned & (fold != part)), np.flatnonzero(fold == part)
        if taught.size and held.size:
            weights, _ = _ridge(cells.design(rows.take(taught)), loss[taught], weight[taught])
            guess[held] = cells.sums(rows.slice(int(held[0]), held.size), weights)
    return guess


def _ridge(design: sparse.csr_array, loss: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(weights, the inverse that their covariance is a multiple of); the constant is not held back.

    Rows count as many as they are effectively worth (Kish, 1965).
    """
    worth = weight * float(weight.sum() / (weight**2).sum())
    middle = float(np.average(loss, weights=weight))
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-6
    gram = (design.T @ (design * worth[:, None])).toarray() + np.diag(penalty)
    inverse: FloatArray = linalg.inv(gram, check_finite=False)
    weights: FloatArray = inverse @ (design.T @ (worth * (loss - middle)))
    weights[0] += middle
    return weights, inverse


def _moves(miss: FloatArray, weight: FloatArray, bounds: IntArray) -> tuple[float | None, int]:
    """Variance of blocks' mean misses that chance does not explain; None with fewer than 8 blocks."""
    used = np.diff(bounds) > 1
    if used.sum() < BLOCKS:
        return None, int(used.sum())
    upto = np.cumsum(np.pad([weight, weight**2, weight * miss, weight * miss**2], ((0, 0), (1, 0))), axis=1)
    rows, squares, total, total_sq = np.diff(upto[:, bounds], axis=1)[:, used]
    mean = total / rows
    variance = np.maximum(total_sq / rows - mean**2, 0.0) / np.maximum(rows**2 / squares - 1, 1.0)
    return max(0.0, float(np.mean(mean**2 - variance))), int(used.sum())
