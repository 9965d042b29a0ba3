"""Sums over pairs of rows, for every deal at once: what the kernel tests share.

With K (N, N) any symmetric matrix of pairs with an empty diagonal and w (N, P) the deals, w'Kw and w'K1 are all that is
needed: the sums within the window, within the reference and between them follow. One matrix product serves all deals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.detectors.rows.pair import BoolArray
from watchkeeper.tallies.tally import FloatArray

_ROWS_FOR_MEDIAN = 500


@dataclass(frozen=True, slots=True)
class PairSums:
    """(P,) sums of K over ordered pairs of different rows, and the number of rows, on either side of each deal."""

    window: FloatArray
    reference: FloatArray
    between: FloatArray
    n: FloatArray
    m: FloatArray


def pair_sums(matrix: FloatArray, deals: BoolArray) -> PairSums:
    """Sums of `matrix` (N, N), symmetric with zeros on the diagonal, for `deals` (N, P)."""
    weights = deals.astype(matrix.dtype)
    window = np.einsum("ij,ij->j", weights, matrix @ weights).astype(np.float64)
    touching = (matrix.sum(1, dtype=np.float64) @ weights).astype(np.float64)
    between = touching - window
    n = weights.sum(0, dtype=np.float64)
    reference = float(matrix.sum(dtype=np.float64)) - touching - between
    return PairSums(window, reference, between, n, len(matrix) - n)


def squared_distances(rows: FloatArray) -> FloatArray:
    """(N, N) squared Euclidean distances, zeros on the diagonal; centred first, for accuracy far from 0."""
    centred = rows - rows.mean(0)
    norms = np.einsum("ij,ij->i", centred, centred)
    squares = centred @ centred.T
    squares *= -2.0
    squares += norms[:, None]
    squares += norms
    np.maximum(squares, 0.0, out=squares)
    np.fill_diagonal(squares, 0.0)
    return squares


def median_square(rows: FloatArray) -> float:
    """Median of the squared distances between 500 rows spread evenly over all; of those above 0 if that is 0."""
    spread = np.linspace(0, len(rows) - 1, min(len(rows), _ROWS_FOR_MEDIAN)).astype(np.int64)
    squares = squared_distances(rows[spread])
    distinct = squares[np.triu_indices(len(squares), 1)]
    median = float(np.median(distinct))
    if median > 0:
        return median
    positive = distinct[distinct > 0]
    return float(np.median(positive)) if positive.size else 1.0
