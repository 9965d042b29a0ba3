"""Wasserstein distance (W1): how far, on average, values must be moved to turn one sample into the other.

Effect: W1 in units of the reference's standard deviation (1 = everything moved by one sd). A column whose reference is
constant is measured in units of the distance between its bins. From tallies it is the area between the two cumulative
shares with every bin at one position: off by at most the mean bin width.

Sees: how far things moved, in the column's own unit, near or far; one huge outlier is enough to move it.
Cannot see: small changes at small n: the area between two samples of the same law is never 0 (subtract `expected` by
eye). p: under *no change* sqrt(nm/(n+m)) W1 is the area under |Brownian bridge| (del Barrio, Gine, Matran 1999); its
exact mean and variance on these bins are matched by a gamma. Interval: delta method through the Kantorovich
potential, whose slope is the sign of the gap. Parameters: floor 0.05. It describes; it has no weight in the decision.
With one value a bin it equals scipy.stats.wasserstein_distance in reference standard deviations to 1e-9.

del Barrio, Gine, Matran, *Central limit theorems for the Wasserstein distance between the empirical and the true
distributions*, Annals of Probability 27 (1999).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_CONFIDENCE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.tails import gamma_tail
from watchkeeper.tallies.tally import FloatArray


def wasserstein(samples: Samples, bar: Bar) -> Result:
    """Area between the cumulative shares, in reference standard deviations, (...); needs `samples.positions`.

    >>> import numpy as np
    >>> samples = Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0]), positions=np.array([-1.0, 1.0]))
    >>> f"{wasserstein(samples, Bar()).effect:.2f} sd"
    '0.60 sd'
    """
    if samples.positions is None:
        raise ValueError("wasserstein needs a position for every bin")
    window, reference = samples.shares
    positions = samples.positions / np.maximum(np.abs(samples.positions).max(-1, keepdims=True), 1e-300)
    steps = np.diff(positions, axis=-1) / _unit(reference, positions)[..., None]
    cumulative = np.cumsum(reference, -1)[..., :-1]
    gap = np.cumsum(window, -1)[..., :-1] - cumulative
    effect = (np.abs(gap) * steps).sum(-1)
    mean, variance = _area_under_bridge(cumulative, steps)
    size = samples.effective_n
    error = _potential_error(samples, gap, steps)
    ordinary = mean / np.sqrt(size)
    return Result(
        statistic=effect * np.sqrt(size),
        effect=effect,
        low=np.maximum(effect - Z_CONFIDENCE * error, 0.0),
        high=effect + Z_CONFIDENCE * error,
        p_value=gamma_tail(effect * np.sqrt(size), mean, variance),
        gate=special.ndtr(-(effect - ordinary - bar.floor) / np.maximum(error, 1e-300)),
        smallest=np.maximum(
            ordinary + (bar.z + Z_POWER) * np.sqrt(variance / size),
            bar.floor + ordinary + (Z_GATE + Z_POWER) * np.sqrt(variance / size),
        ),
    )


def _unit(reference: FloatArray, positions: FloatArray) -> FloatArray:
    """(...) the reference's standard deviation, or the mean step between bins where it is 0."""
    mean = (reference * positions).sum(-1, keepdims=True)
    sd = np.sqrt((reference * (positions - mean) ** 2).sum(-1))
    step = np.abs(np.diff(positions, axis=-1)).mean(-1)
    return np.where(sd > 0, sd, np.where(step > 0, step, 1.0))


def _area_under_bridge(cumulative: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and variance of the area under |B(F(x))|, B a Brownian bridge; `cumulative` and `steps` (..., B-1)."""
    f = np.clip(cumulative, 0.0, 1.0)
    sd = np.sqrt(f * (1 - f))
    mean = np.sqrt(2 / np.pi) * (sd * steps).sum(-1)
    lower, upper = np.minimum(f[..., :, None], f[..., None, :]), np.maximum(f[..., :, None], f[..., None, :])
    product = sd[..., :, None] * sd[..., None, :]
    r = np.clip(lower * (1 - upper) / np.maximum(product, 1e-300), 0.0, 1.0)
    covariance = product * (2 / np.pi) * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1)
    variance = np.einsum("...i,...ij,...j->...", steps, covariance, steps)
    return mean, variance


def _potential_error(samples: Samples, gap: FloatArray, steps: FloatArray) -> FloatArray:
    """Standard error of W1 as a difference of means of the Kantorovich potential."""
    potential = np.concatenate([np.zeros_like(gap[..., :1]), np.cumsum(np.sign(gap) * steps, -1)], -1)
    total = np.zeros(gap.shape[:-1])
    for share, rows in zip(samples.shares, (samples.n, samples.m), strict=True):
        mean = (share * potential).sum(-1, keepdims=True)
        total = total + (share * (potential - mean) ** 2).sum(-1) / rows
    return np.sqrt(total)
