"""Tails of null distributions, batched: exact where counts are small, three moments where a normal tail would lie.

- Fisher's exact tail (Fisher 1935). With reference order statistics in the place of the reference's hits, the same tail
  is exactly the Beta-binomial law of how many new rows fall beyond them (Wilks 1941), so it serves `beyond.py` too.
- Pearson III (a shifted gamma) matched to a sum's exact skewness: right for zero-inflated scores, normal when it is 0.
- A gamma matched to two moments, for chi-square statistics whose exact mean and variance are known (Haldane 1940).
- Power and intervals of chi-square statistics from a normal approximation to the noncentral law (Patnaik 1949).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.result import POWER, Z_CONFIDENCE, Z_POWER
from watchkeeper.tallies.tally import FloatArray

_TERMS = 40


def fisher_tail(hits: FloatArray, reference_hits: FloatArray, n: FloatArray, m: FloatArray) -> FloatArray:
    """P(X >= hits) when hits + reference_hits marked rows fall by chance among n window and m reference rows.

    All arrays broadcast. Sums 40 terms and bounds the rest by a geometric series, so it is never too small. Where the
    window's rate is not above the reference's it says 1: nobody asks for that side of the tail.
    """
    k, kr, n, m = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (hits, reference_hits, n, m)))
    p = np.ones(k.shape)
    above = (k > 0) & (k * m > kr * n)
    if above.any():
        p[above] = _upper_tail(k[above], kr[above], n[above], m[above])
    return p


def _upper_tail(k: FloatArray, kr: FloatArray, n: FloatArray, m: FloatArray) -> FloatArray:
    marked = k + kr
    term = np.exp(_log_choose(marked, k) + _log_choose(n + m - marked, n - k) - _log_choose(n + m, n))
    total, x, ratio = term.copy(), k.copy(), np.zeros_like(k)
    for _ in range(_TERMS):
        rest = np.maximum(m - kr + x - k + 1, 1)
        ratio = np.maximum((marked - x) * (n - x), 0) / ((x + 1) * rest)
        term = term * ratio
        total += term
        x += 1
    return np.minimum(1.0, total + term * ratio / np.maximum(1 - ratio, 1e-3))


def _log_choose(a: FloatArray, b: FloatArray) -> FloatArray:
    return special.gammaln(a + 1) - special.gammaln(b + 1) - special.gammaln(a - b + 1)


def fisher_two_sided(hits: FloatArray, reference_hits: FloatArray, n: FloatArray, m: FloatArray) -> FloatArray:
    """Twice the smaller exact tail, at most 1."""
    more = fisher_tail(hits, reference_hits, n, m)
    fewer = fisher_tail(n - hits, m - reference_hits, n, m)
    return np.minimum(1.0, 2 * np.minimum(more, fewer))


def pearson3_tail(z: FloatArray, skewness: FloatArray) -> FloatArray:
    """P(Z >= z) for a standardised sum of the given skewness."""
    z, g = np.broadcast_arrays(np.asarray(z, np.float64), np.asarray(skewness, np.float64))
    p: FloatArray = np.array(special.ndtr(-z))
    skewed = np.abs(g) > 1e-3
    if skewed.any():
        shape, side = 4 / g[skewed] ** 2, np.sign(g[skewed])
        x = np.maximum(shape + z[skewed] * side * np.sqrt(shape), 0)
        p[skewed] = np.where(side > 0, special.gammaincc(shape, x), special.gammainc(shape, x))
    return p


def gamma_tail(x: FloatArray, mean: FloatArray, variance: FloatArray) -> FloatArray:
    """P(X >= x) for a gamma law of the given mean and variance; 1 where the mean is 0."""
    some = mean > 0
    mean, variance = np.where(some, mean, 1.0), np.where(some, np.maximum(variance, 1e-300), 1.0)
    return np.where(some, special.gammaincc(mean**2 / variance, np.maximum(x, 0) * mean / variance), 1.0)


def noncentrality_interval(x: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
    """95 % interval of the noncentrality of a chi-square statistic `x` (...), from its two moments."""
    centre = np.maximum(x - df, 0.0)
    spread = Z_CONFIDENCE * np.sqrt(2 * (df + 2 * centre))
    return np.maximum(x - df - spread, 0.0), centre + spread


def smallest_noncentrality(df: FloatArray, level: float) -> FloatArray:
    """Noncentrality that a chi-square test at `level` finds with 80 % power; a root of the normal approximation."""
    excess = np.maximum(special.chdtri(np.maximum(df, 1.0), level) - df, 0.0)
    # excess = L - z * sqrt(2 (df + 2 L))  =>  a quadratic in sqrt(df + 2 L)
    root = np.sqrt(2.0) * Z_POWER + np.sqrt(2 * Z_POWER**2 + df + 2 * excess)
    return (root**2 - df) / 2


def smallest_rate(rate: FloatArray, n: FloatArray, level: float) -> FloatArray:
    """The smallest rate, above an ordinary `rate`, that n rows show at `level` with 80 % power (exact binomial)."""
    rate, n = np.broadcast_arrays(np.clip(rate, 1e-12, 1 - 1e-12), n)
    pairs, place = np.unique((rate + 1j * n).ravel(), return_inverse=True)  # windows of a batch repeat each other
    found: FloatArray = _smallest_rate(pairs.real, pairs.imag, level)[place].reshape(rate.shape)
    return found


def _smallest_rate(rate: FloatArray, n: FloatArray, level: float) -> FloatArray:
    low, high = np.zeros(n.shape), n + 1.0
    for _ in range(24):
        middle = np.ceil((low + high) / 2)
        clear = special.betainc(np.maximum(middle, 1), np.maximum(n - middle + 1, 1e-9), rate) <= level
        low, high = np.where(clear, low, middle), np.where(clear, np.maximum(middle, 1), high)
        if (high - low <= 1).all():
            break
    reachable = high <= n
    needed = np.minimum(high, n)
    return np.where(reachable, special.betaincinv(needed, n - needed + 1, POWER), 1.0)
