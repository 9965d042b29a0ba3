"""Many questions, one budget: parts of a column, then columns of a window.

For a window as a whole: the weighted harmonic mean of the p-values (Wilson 2019). It is never above the weighted
Bonferroni bound, min over parts of p / weight, and below it where several parts are small. For small p it is right
for p-values that depend on each other, as Cauchy's combination is (Liu, Xie 2020), and unlike that one it bears
p-values of exactly 1. To name a column: weighted Bonferroni over its parts, and across columns Benjamini and Hochberg's
step-up (1995), weighted (Genovese, Roeder, Wasserman 2006), so that important features may have more of the budget.

Wilson, *The harmonic mean p-value for combining dependent tests*, PNAS 116 (2019). Liu, Xie, *Cauchy combination test*,
JASA 115 (2020).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from watchkeeper.tallies.tally import FloatArray

_LEAST = 1e-300


def weighted_bonferroni(p: FloatArray, weights: FloatArray) -> FloatArray:
    """(..., parts) p-values, `weights` (parts,) or (..., parts) adding up to at most 1 -> (...) corrected p."""
    bound: FloatArray = np.where(weights > 0, p / np.maximum(weights, _LEAST), 1.0).min(-1)
    return np.minimum(bound, 1.0)


def harmonic_mean(p: FloatArray, weights: FloatArray) -> FloatArray:
    """(..., parts) p-values and `weights` that add up to 1 -> (...) their weighted harmonic mean: p of the whole."""
    mean: FloatArray = 1 / (weights / np.maximum(p, _LEAST)).sum(-1)
    return np.minimum(mean, 1.0)


def surely(harmonic: FloatArray, weights: FloatArray) -> FloatArray:
    """The harmonic mean (...) made right for larger p too: of independent parts it is a little too often small.

    1 / p follows Landau's law, so p of the whole is 1 / (h - log(h L)), h being 1 / `harmonic` and L = 1 / sum of
    `weights` (..., parts) squared the number of equal parts. It adds 1 % at 1/720 and 10 % at 1/30.
    """
    h = 1 / np.maximum(harmonic, _LEAST)
    p: FloatArray = 1 / np.maximum(h - np.log(h / (weights**2).sum(-1)), 1.0)
    return p


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
