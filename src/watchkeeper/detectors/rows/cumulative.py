"""Squared gaps of cumulative shares, for every deal at once: what Cramer-von Mises and Anderson-Darling share.

With N rows in J distinct values, l_j of them equal, and B_j rows up to value j (counting half of l_j for `midrank`),
the sum over j of (F_j - G_j)^2 n m / N weighted by l_j / N is Cramer-von Mises' T; divided by H_j (1 - H_j) of the
pooled shares it is Anderson-Darling's A^2.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.rows.pair import BoolArray
from watchkeeper.tallies.tally import FloatArray


def squared_gaps(values: FloatArray, deals: BoolArray) -> FloatArray:
    """(P,) Cramer-von Mises' T for `deals` (N, P); without ties that of scipy."""
    distinct, cell = np.unique(values, return_inverse=True)
    ties = np.bincount(cell)
    total = len(values)
    window = _counted(cell, len(distinct), deals).cumsum(0)
    pooled = ties.cumsum()[:, None]
    n = window[-1]
    gaps = window / n - (pooled - window) / (total - n)
    return (ties[:, None] * gaps**2).sum(0) * n * (total - n) / total**2


def anderson_darling_squares(values: FloatArray, deals: BoolArray) -> FloatArray:
    """(P,) the midrank A^2 of Scholz and Stephens (equation 7) for two samples, for `deals` (N, P)."""
    distinct, cell = np.unique(values, return_inverse=True)
    ties = np.bincount(cell)[:, None].astype(np.float64)
    total = len(values)
    own = _counted(cell, len(distinct), deals)
    n = own.sum(0)
    below = own.cumsum(0) - own / 2
    pooled = ties.cumsum(0) - ties / 2
    spread = pooled * (total - pooled) - total * ties / 4
    squares = (ties / total * (total * below - n * pooled) ** 2 / spread).sum(0)
    # The reference's term is the same square over m: its counts are what the window's leave.
    return squares * (1 / n + 1 / (total - n)) * (total - 1) / total


def _counted(cell: np.ndarray[tuple[int, ...], np.dtype[np.intp]], cells: int, deals: BoolArray) -> FloatArray:
    """(J, P) rows of the window at each distinct value."""
    order = cell.argsort(kind="stable")
    starts = np.searchsorted(cell[order], np.arange(cells))
    return np.add.reduceat(deals[order].astype(np.float64), starts, axis=0)
