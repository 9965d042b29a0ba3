"""The loss to be expected of rows whose labels are not known, from their features and the model's answer.

Direct loss estimation, as an additive model: ridge regression of the loss on one cell for each feature and for the
answer itself. Each quarter of the reference in time is estimated by what the others taught; how far whole blocks of it
then lie off, beyond chance, widens every interval. It carries the same assumption as all estimates without labels: that
rows like these are as hard as they were.
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

    cells: FeatureCells
    weights: FloatArray
    covariance: FloatArray
    variance: float
    moves: float | None
    blocks: int

    def mean(self, table: pa.Table) -> Metric:
        """The mean loss to be expected of the rows of `table` (features and answers)."""
        rows = table.num_rows
        if not rows:
            return untold("no row to estimate it from")
        profile = self.cells.profile(table)
        value = float(profile @ self.weights)
        spread = self.variance / rows + float(profile @ self.covariance @ profile)
        sure = self.moves is not None
        half = (float(special.stdtrit(self.blocks - 1, 0.975)) if sure else Z) * math.sqrt(spread + (self.moves or 0.0))
        note = "" if sure else NO_BLOCKS
        return Metric(value=value, low=value - half, high=value + half, n=rows, note=note, estimated=True)


def loss_model(table: pa.Table, loss: FloatArray, bounds: Sequence[int] | IntArray = ()) -> LossModel:
    """From reference rows in order of time: features and answers `table`, their `loss` (n,).

    `bounds` (K + 1,) cut the rows into blocks of time. Raises BadInput where there are no rows, or not as many losses.
    """
    if not table.num_rows or table.num_rows != len(loss):
        raise BadInput(f"{len(loss):,} losses do not go with {table.num_rows:,} rows.")
    cells = FeatureCells.fit(table)
    thinned = np.arange(len(loss)) % -(-len(loss) // MOST_ROWS) == 0
    guess = _out_of_fold(cells, table, loss, thinned)
    variance = float(np.mean((loss - guess) ** 2))
    weights, inverse = _ridge(cells.design(table.filter(pa.array(thinned))), loss[thinned])
    moves, blocks = _moves(loss - guess, np.asarray(bounds, np.int64))
    return LossModel(cells, weights, inverse * variance, variance, moves, blocks)


def _out_of_fold(cells: FeatureCells, table: pa.Table, loss: FloatArray, thinned: BoolArray) -> FloatArray:
    """(n,) the loss expected of each row by what the other quarters of time taught, from their `thinned` rows."""
    fold = np.arange(len(loss)) * FOLDS // len(loss)
    guess = loss.copy()
    for part in range(FOLDS):
        taught, held = np.flatnonzero(thinned & (fold != part)), np.flatnonzero(fold == part)
        if taught.size and held.size:
            weights, _ = _ridge(cells.design(table.take(taught)), loss[taught])
            guess[held] = cells.sums(table.slice(int(held[0]), held.size), weights)
    return guess


def _ridge(design: sparse.csr_array, loss: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(weights, the inverse that their covariance is a multiple of); the constant is not held back."""
    middle = float(loss.mean())
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-6
    gram = (design.T @ design).toarray() + np.diag(penalty)
    inverse: FloatArray = linalg.inv(gram, check_finite=False)
    weights: FloatArray = inverse @ (design.T @ (loss - middle))
    weights[0] += middle
    return weights, inverse


def _moves(miss: FloatArray, bounds: IntArray) -> tuple[float | None, int]:
    """Variance of blocks' mean misses that chance does not explain; None with fewer than 8 blocks."""
    rows = np.diff(bounds)
    used = rows > 1
    if used.sum() < BLOCKS:
        return None, int(used.sum())
    upto, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in (miss, miss**2))
    mean = np.diff(upto[bounds])[used] / rows[used]
    variance = np.maximum(np.diff(squares[bounds])[used] / rows[used] - mean**2, 0.0) / (rows[used] - 1)
    return max(0.0, float(np.mean(mean**2 - variance))), int(used.sum())
