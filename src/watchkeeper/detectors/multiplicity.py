"""Many questions, one budget: parts of a column, then columns of a window.

Inside a column: weighted Bonferroni, p = min over parts of p / weight. The parts are dependent, so nothing sharper
holds; weights were fixed before power was looked at. Across columns: Benjamini and Hochberg's step-up (1995),
weighted (Genovese, Roeder, Wasserman 2006), so that important features may have more of the budget.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from watchkeeper.tallies.tally import FloatArray


def weighted_bonferroni(p: FloatArray, weights: FloatArray) -> FloatArray:
    """(..., parts) p-values, `weights` (parts,) summing to at most 1 -> (...) corrected p of the whole."""
    used = weights > 0
    return np.minimum(1.0, (p[..., used] / weights[used]).min(-1))


def benjamini_hochberg(p: FloatArray, q: float, weights: FloatArray | None = None) -> npt.NDArray[np.bool_]:
    """(W, C) p-values -> (W, C) which are rejected at false discovery rate q within each window.

    `weights` (C,) are scaled to a mean of 1; NaN p-values (columns that could not be judged) are never rejected, and do
    not count.
    """
    if not p.shape[1]:
        return np.zeros(p.shape, bool)
    if weights is not None:
        p = p / (weights / weights.mean())
    judged = np.maximum((~np.isnan(p)).sum(1), 1)[:, None]
    ordered = np.sort(p, 1)
    below = ordered <= q * np.arange(1, p.shape[1] + 1) / judged
    last = below.shape[1] - 1 - below[:, ::-1].argmax(1)
    threshold = np.where(below.any(1), ordered[np.arange(len(p)), last], -1.0)
    with np.errstate(invalid="ignore"):
        return p <= threshold[:, None]
