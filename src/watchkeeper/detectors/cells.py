"""Cells fit for a chi-square: rare ones joined, and the statistic's exact permutation moments.

Cells are pooled by the rows of window and reference *together*: the permutation null conditions on those totals, so the
pooling cannot favour either side. Pooled by the reference alone, an unlucky reference with rare cells alarmed in 96 of
440 windows without drift. A cell is rare below 8 expected rows in the smaller sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.detectors.samples import Samples
from watchkeeper.tallies.tally import FloatArray

RARE = 8.0


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts (rows, J) of both samples after pooling, `live` (rows,) cells not empty, and (rows,) sample sizes."""

    window: FloatArray
    reference: FloatArray
    live: FloatArray
    n: FloatArray
    m: FloatArray

    @property
    def df(self) -> FloatArray:
        """(rows,) degrees of freedom; 0 where one cell is all there is."""
        return np.maximum(self.live - 1, 0.0)

    @property
    def effective_n(self) -> FloatArray:
        """(rows,) n m / (n + m)."""
        return self.n * self.m / (self.n + self.m)

    @property
    def differences(self) -> FloatArray:
        """(rows, J) window share less reference share."""
        return self.window / self.n[:, None] - self.reference / self.m[:, None]

    @property
    def inverse_shares(self) -> FloatArray:
        """(rows, J) one over the pooled share; 0 for empty cells."""
        total = self.window + self.reference
        rows = (self.n + self.m)[:, None]
        return np.where(total > 0, rows / np.maximum(total, 1e-300), 0.0)


def flat(samples: Samples) -> tuple[FloatArray, FloatArray, tuple[int, ...]]:
    """(window, reference) as (rows, B) matrices, and the leading shape to give back."""
    window, reference = np.broadcast_arrays(samples.window, samples.reference)
    bins = window.shape[-1]
    return (
        window.reshape(-1, bins).astype(np.float64),
        reference.reshape(-1, bins).astype(np.float64),
        window.shape[:-1],
    )


def pooled_cells(samples: Samples) -> tuple[Cells, tuple[int, ...]]:
    """Cells with the rare ones joined into one more, and the leading shape.

    A pooled cell that is still thin joins the least full of the others.
    """
    window, reference, shape = flat(samples)
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    total = window + reference
    smaller = np.minimum(n, m) / (n + m)
    rare = total * smaller[:, None] < RARE
    window, reference = _join(window, rare), _join(reference, rare)
    joined = window[:, -1] + reference[:, -1]
    thin = np.flatnonzero((joined > 0) & (joined * smaller < RARE) & (~rare).any(1))
    if thin.size:
        host = np.where(rare[thin], np.inf, total[thin]).argmin(1)
        for counts in (window, reference):
            counts[thin, host] += counts[thin, -1]
            counts[thin, -1] = 0
    live = ((window + reference) > 0).sum(1).astype(np.float64)
    return Cells(window, reference, live, n, m), shape


def _join(counts: FloatArray, rare: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> FloatArray:
    return np.column_stack([np.where(rare, 0.0, counts), np.where(rare, counts, 0.0).sum(1)])


def permutation_moments(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """Exact mean and variance of Pearson's X2 of a 2 x J table with fixed margins (Haldane 1940, Dawson 1954)."""
    total, j = cells.n + cells.m, np.maximum(cells.live, 1.0)
    mean = (j - 1) * total / np.maximum(total - 1, 1)
    below = np.maximum(total - 2, 1)
    rows = (total / cells.n + total / cells.m - 4) / below
    columns = (cells.inverse_shares.sum(1) - j * j) / below
    v1, v2 = (total - 2) / np.maximum(total - 1, 1), (j - 1) * (total - j) / np.maximum(total - 1, 1)
    variance = 2 * total / np.maximum(total - 3, 1) * (v1 - rows) * (v2 - columns)
    variance += total**2 / np.maximum(total - 1, 1) * rows * columns
    return mean, np.maximum(variance, 0.2 * mean)


def permutation_skewness(cells: Cells, variance: FloatArray) -> FloatArray:
    """(rows,) skewness of X2 about its `variance`: Haldane's third cumulant, for two samples, to order 1/n.

    It is that of reference/square_moments.py for the scores (indicator - p) / sqrt(p): with m infinite and J cells,
    8 (J - 1) + (22 sum 1/p - 2 (9 J^2 + 18 J - 16)) / n.
    """
    j, inverse = np.maximum(cells.live, 1.0), cells.inverse_shares.sum(1)
    spread = 1 / cells.n + 1 / cells.m
    f4 = (cells.n**-3.0 + cells.m**-3.0) / spread**2
    f3 = (cells.n**-2.0 - cells.m**-2.0) ** 2 / spread**3
    fourth = inverse - j * j - 2 * j + 2
    third = 8 * (j - 1) + 12 * f4 * fourth + f3 * (4 * (inverse - 3 * j + 2) + 6 * (inverse - j * j))
    skewness: FloatArray = np.maximum(third, 0.0) / np.maximum(variance, 1e-12) ** 1.5
    return skewness
