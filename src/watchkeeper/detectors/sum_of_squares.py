"""The law of a sum of squared differences of mean scores, and what an effect measured by it is worth.

T = n_e sum_j d_j^2, with d_j the difference of two samples' means of score j in standard deviations and n_e = nm /
(n + m). Under *no change* T is a weighted sum of chi-squares. Liu, Tang and Zhang (2009) match its cumulants by a gamma
law (for weights of one sign their four-moment match is this); terms of order 1/n are added for rare levels at small n
(reference/square_moments.py). Beyond p = 0.01 that tail is light where one direction outweighs the others (1.5 times
at p = 1/2,880 on a census table), so there the largest weight keeps a chi-square of its own, and the gamma law stands
for the rest: the first three cumulants are the same, the fourth is near.

Effect: the root of the mean square of d_j over the scores, the part that chance explains taken off: the typical
movement, in standard deviations. When d is not 0, T is about normal with mean k1 + L and variance k2 + 4 d'Sd <= k2 +
4 b L, L = n_e sum d_j^2 and b the largest eigenvalue of S: wide intervals, a strict gate.

Liu, Tang, Zhang, *A new chi-square approximation to the distribution of non-negative definite quadratic forms in
non-central normal variables*, Computational Statistics and Data Analysis 53 (2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_CONFIDENCE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.tails import pearson3_tail
from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.tally import FloatArray

_FAR = 0.01
_TINY = 1e-6
_STEPS, _WIDTHS = np.polynomial.legendre.leggauss(96)
_REACH = 9.0


@dataclass(frozen=True)
class SumOfSquares:
    """T (...) of samples of `n` and `m` rows (...); `mean` (...) of T under no change is the number of scores."""

    statistic: FloatArray
    mean: FloatArray
    n: FloatArray
    m: FloatArray
    moments: SquareMoments

    def result(self, bar: Bar) -> Result:
        """Both conditions, the effect with its interval, and the smallest one visible; all (...)."""
        variance, third = self.moments.cumulants(self.n, self.m)
        sd = np.sqrt(variance)
        skewness = third / variance**1.5
        units = np.maximum(self.mean, 1e-300) * self.n * self.m / (self.n + self.m)
        excess, floor = self.statistic - self.mean, units * bar.floor**2
        error, error_at_floor = self._error(variance, excess), self._error(variance, floor)
        live = self.mean > 0
        p = np.where(live, spiked_tail(excess, variance, third, self.moments.largest), 1.0)
        gate = np.where(live, special.ndtr(-(excess - floor) / error_at_floor), 1.0)
        needed = np.maximum(
            self._needed(variance, critical(bar.level, skewness) * sd),
            self._needed(variance, floor + Z_GATE * error_at_floor),
        )
        effect, low, high, smallest = (
            np.sqrt(np.maximum(square, 0.0) / units)
            for square in (excess, excess - Z_CONFIDENCE * error, excess + Z_CONFIDENCE * error, needed)
        )
        return Result(self.statistic, effect, low, high, p, gate, np.where(live, smallest, np.inf))

    def _error(self, variance: FloatArray, noncentrality: FloatArray) -> FloatArray:
        return np.sqrt(variance + 4 * self.moments.largest * np.maximum(noncentrality, 0.0))

    def _needed(self, variance: FloatArray, excess: FloatArray) -> FloatArray:
        """The noncentrality L with which T passes `excess` four times in five: excess = L - z * error(L)."""
        lift = 2 * self.moments.largest * Z_POWER**2
        return excess + lift + np.sqrt(lift**2 + 2 * lift * excess + Z_POWER**2 * variance)


def spiked_tail(excess: FloatArray, variance: FloatArray, third: FloatArray, spike: float) -> FloatArray:
    """P(T - mean >= excess), T = `spike` chi-square(1) + a gamma variable, of this variance and third cumulant; (...).

    A gamma law alone where p is above 0.01 anyway, or where the spike is all there is.
    """
    p: FloatArray = np.atleast_1d(pearson3_tail(excess / np.sqrt(variance), third / variance**1.5))
    second, cube = np.atleast_1d(variance / 2 - spike**2), np.atleast_1d(third / 8 - spike**3)
    far = (p < _FAR) & (second > _TINY * spike**2) & (cube > _TINY * spike**3)
    if spike > 0 and far.any():
        scale, shape = cube[far] / second[far], second[far] ** 3 / cube[far] ** 2
        above = np.atleast_1d(excess)[far] + spike + shape * scale
        p[far] = _with_spike(above, spike, shape[:, None] / 2, 2 * scale[:, None])
    return p.reshape(np.shape(excess))


def _with_spike(x: FloatArray, spike: float, shape: FloatArray, scale: FloatArray) -> FloatArray:
    """P(spike Z^2 + G >= x) (rows,), Z normal, G gamma with `shape` and `scale` (rows, 1): an integral over Z."""
    top = np.minimum(np.sqrt(np.maximum(x, 0.0) / spike), _REACH)[:, None]
    z = (_STEPS + 1) * top / 2
    rest = np.maximum(x[:, None] - spike * z**2, 0.0) / scale
    density = _WIDTHS * top * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    p: FloatArray = (special.gammaincc(shape, rest) * density).sum(1) + 2 * special.ndtr(-top[:, 0])
    return p


def critical(level: float, skewness: FloatArray) -> FloatArray:
    """How many standard deviations a Pearson III variable of the given skewness exceeds with chance `level`."""
    shape = 4 / np.maximum(skewness, 1e-3) ** 2
    quantile: FloatArray = (special.gammainccinv(shape, level) - shape) / np.sqrt(shape)
    return quantile
