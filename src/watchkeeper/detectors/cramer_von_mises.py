"""Cramer-von Mises on tallies: the typical, not the largest, gap between the two cumulative shares.

Effect: the root of the mean squared gap of the cumulative shares, taken at bin edges and weighted by the rows of both
samples; 0 to about 0.58. statistic: T = nm/(n+m) times its square.

Sees: what `kolmogorov_smirnov` sees, steadier for broad small moves. Cannot see: tails, rare new values, order, what
happens inside one bin.
p: under *no change* T is the integral of a squared Brownian bridge over these bins; a Pearson III law has its exact
first three moments (in the limit p is right to 8 % of itself down to 1e-4). Interval: delta method. Parameters: floor
0.01. It describes; it has no weight in the decision. With one value a bin T equals scipy.stats.cramervonmises_2samp's
to 1e-9, and p to 0.01.

Anderson, *On the distribution of the two-sample Cramer-von Mises criterion*, Annals of Mathematical Statistics 33
(1962).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.pieces import in_pieces
from watchkeeper.detectors.result import Z_CONFIDENCE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.tails import pearson3_tail
from watchkeeper.tallies.tally import FloatArray


def cramer_von_mises(samples: Samples, bar: Bar) -> Result:
    """Root mean squared gap of cumulative shares, (...); bins must ascend.

    >>> import numpy as np
    >>> result = cramer_von_mises(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar())
    >>> f"effect {result.effect:.2f}, p {result.p_value:.0e}"
    'effect 0.21, p 1e-08'
    """
    window, reference = samples.shares
    weight, size = samples.pooled(), samples.effective_n
    gap = np.cumsum(window, -1) - np.cumsum(reference, -1)
    square = (weight * gap**2).sum(-1)
    effect = np.sqrt(square)
    mean, variance, skewness = in_pieces(_bridge_moments, weight)
    sd = np.sqrt(variance)
    live = sd > 1e-12
    p = pearson3_tail((size * square - mean) / np.where(live, sd, 1.0), np.where(live, skewness, 0.0))
    error = _error(samples, weight * gap) / np.maximum(effect, 1e-300)
    ordinary = np.sqrt(mean / size)
    return Result(
        statistic=size * square,
        effect=effect,
        low=np.maximum(effect - Z_CONFIDENCE * error, 0.0),
        high=effect + Z_CONFIDENCE * error,
        p_value=np.where(live, np.clip(p, 0.0, 1.0), 1.0),
        gate=np.where(live, special.ndtr(-(effect - ordinary - bar.floor) / np.maximum(error, 1e-300)), 1.0),
        smallest=np.where(live, _smallest((mean, sd, skewness), size, bar), np.inf),
    )


def _bridge_moments(weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(rows,) mean, variance and skewness of sum_j w_j B(F_j)^2 for `weight` w (rows, bins).

    B is a Brownian bridge and F the cumulative sum of w.
    """
    f = np.clip(np.cumsum(weight, -1), 0.0, 1.0)
    root = np.sqrt(weight)
    lower, upper = np.minimum(f[..., :, None], f[..., None, :]), np.maximum(f[..., :, None], f[..., None, :])
    kernel = root[..., :, None] * lower * (1 - upper) * root[..., None, :]
    mean = np.trace(kernel, axis1=-2, axis2=-1)
    squared = kernel @ kernel
    variance = 2 * np.trace(squared, axis1=-2, axis2=-1)
    third = 8 * np.einsum("rij,rij->r", squared, kernel)
    return mean, variance, third / np.maximum(variance, 1e-100) ** 1.5


def _smallest(moments: tuple[FloatArray, FloatArray, FloatArray], size: FloatArray, bar: Bar) -> FloatArray:
    """(...) the smallest effect that passes both conditions.

    Its error is at most the root of the bridge's largest eigenvalue over `size`, and that at most sd / sqrt(2).
    """
    mean, sd, skewness = moments
    shape = 4 / np.maximum(skewness, 1e-3) ** 2
    critical = mean + sd * (special.gammainccinv(shape, bar.level) - shape) / np.sqrt(shape)
    error = np.sqrt(sd / np.sqrt(2) / size)
    beyond_floor = bar.floor + np.sqrt(mean / size) + (Z_GATE + Z_POWER) * error
    return np.maximum(np.sqrt(critical / size) + Z_POWER * error, beyond_floor)


def _error(samples: Samples, slope: FloatArray) -> FloatArray:
    """(...) standard error of half the mean squared gap: a row in bin b moves the gaps from b on."""
    scores = np.cumsum(slope[..., ::-1], -1)[..., ::-1]
    total = np.zeros(slope.shape[:-1])
    for share, rows in zip(samples.shares, (samples.n, samples.m), strict=True):
        mean = (share * scores).sum(-1, keepdims=True)
        total = total + (share * (scores - mean) ** 2).sum(-1) / rows
    return np.sqrt(total)
