"""Tests that a mean of scores moved, shared by location and spread.

Every bin has a score; the difference of mean scores between window and reference is held against its exact permutation
mean (0) and variance, which count both samples' noise and ties (Hoeffding 1951), with a Pearson III tail matched to the
exact permutation skewness. A normal tail is wrong by orders of magnitude for zero-inflated columns at p <= 1e-4.
The interval is the normal one with each sample's own variance.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_CONFIDENCE, Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.tails import pearson3_tail
from watchkeeper.tallies.tally import FloatArray

_TINY = 1e-12


def mid_ranks(samples: Samples) -> FloatArray:
    """(..., B) mid-rank, from 0 to 1, of each bin among the rows of window and reference together."""
    share = samples.pooled()
    return np.cumsum(share, -1) - share / 2


def mean_shift(samples: Samples, scores: FloatArray, bar: Bar) -> Result:
    """Mean score of the window less that of the reference; `scores` (..., B)."""
    n, m = samples.n, samples.m
    window, reference = samples.shares
    effect = _dot(window, scores) - _dot(reference, scores)
    variance, skewness = _permutation_moments(samples, scores)
    error = np.sqrt(variance) + _TINY
    z = effect / error
    p = 2 * np.where(z > 0, pearson3_tail(z, skewness), pearson3_tail(-z, -skewness))
    own = np.sqrt(_variance(window, scores) / n + _variance(reference, scores) / m)
    return Result(
        statistic=z,
        effect=effect,
        low=effect - Z_CONFIDENCE * own,
        high=effect + Z_CONFIDENCE * own,
        p_value=np.where(variance > _TINY**2, np.minimum(1.0, p), 1.0),
        gate=special.ndtr(-(np.abs(effect) - bar.floor) / error),
        smallest=bar.smallest_shift(error),
    )


def _permutation_moments(samples: Samples, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variance and skewness of the difference of means when rows are dealt to the samples at random."""
    n, m = samples.n, samples.m
    share = samples.pooled()
    centred = scores - _dot(share, scores)[..., None]
    weighted = share * centred
    second, third = _dot(weighted, centred), _dot(weighted * centred, centred)
    spread = 1 / n + 1 / m
    variance = second * spread * (n + m) / np.maximum(n + m - 1, 1)
    skewness = third * (1 / n**2 - 1 / m**2) / (second**1.5 * spread**1.5 + 1e-300)
    return variance, np.where(second > _TINY, skewness, 0.0)


def _variance(share: FloatArray, scores: FloatArray) -> FloatArray:
    weighted = share * scores
    return np.maximum(_dot(weighted, scores) - weighted.sum(-1) ** 2, 0.0)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """(..., B), (..., B) -> (...) sums of products, without an array of them."""
    product: FloatArray = np.einsum("...b,...b->...", a, b)
    return product
