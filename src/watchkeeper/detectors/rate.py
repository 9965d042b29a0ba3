"""Rates: is a kind of row (missing, infinite, wrong type, failed) more or less frequent than in the reference?

Effect: rate of the window less rate of the reference. p: Fisher's exact test, two-sided by doubling, so a first missing
value in a column that never had one is judged rightly at any n. Interval: Newcombe's hybrid score (1998, method 10).

Sees: any change of one rate, exact at every n. Cannot see: anything else.
Parameters: floor 0.005 (half a point). p is twice the smaller one-sided p of
scipy.stats.fisher_exact.

Fisher (1935); Newcombe, *Interval estimation for the difference between independent proportions*, Stat. Med. 17 (1998).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_CONFIDENCE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.tails import fisher_two_sided, smallest_rate
from watchkeeper.tallies.tally import FloatArray


def rate(rates: Rates, bar: Bar) -> Result:
    """Change of a rate, (...).

    >>> import numpy as np
    >>> ten_missing = Rates(np.array(10.0), np.array(100.0), np.array(0.0), np.array(20_000.0))
    >>> result = rate(ten_missing, Bar())
    >>> f"{result.effect:+.2f} ({result.low:.2f} to {result.high:.2f}), p {result.p_value:.0e}"
    '+0.10 (0.06 to 0.17), p 1e-23'
    """
    p = fisher_two_sided(rates.hits, rates.reference_hits, rates.n, rates.m)
    return rate_result(rates, p, bar, bar.level / 2)


def rate_result(rates: Rates, p: FloatArray, bar: Bar, level: float) -> Result:
    """The answer for a rate whose p-value is known; `level` is what one tail must reach."""
    window, reference = rates.shares
    effect = window - reference
    low, high = newcombe(rates)
    shown = smallest_rate(reference + 0.5 / rates.m, rates.n, level)
    error = np.sqrt(shown * (1 - shown) / rates.n)
    return Result(
        statistic=rates.hits * np.ones_like(p),
        effect=effect,
        low=low,
        high=high,
        p_value=p,
        gate=rate_gate(rates, bar.floor),
        smallest=np.minimum(np.maximum(shown - reference, bar.floor + (Z_GATE + Z_POWER) * error), 1.0),
    )


def rate_gate(rates: Rates, floor: float | FloatArray) -> FloatArray:
    """One-sided score test that the rate moved by more than `floor`; used at the gate's level only."""
    window, reference = rates.shares
    border = np.clip(reference + np.sign(window - reference) * floor, 1e-9, 1 - 1e-9)
    noise = border * (1 - border) / rates.n + np.maximum(reference, 1 / rates.m) * (1 - reference) / rates.m
    return special.ndtr(-(np.abs(window - reference) - floor) / np.sqrt(np.maximum(noise, 1e-300)))


def newcombe(rates: Rates) -> tuple[FloatArray, FloatArray]:
    """95 % interval of the difference of two rates: never outside [-1, 1], right at 0 of n."""
    window, reference = rates.shares
    low_w, high_w = _wilson(window, rates.n)
    low_r, high_r = _wilson(reference, rates.m)
    low = window - reference - np.sqrt((window - low_w) ** 2 + (high_r - reference) ** 2)
    high = window - reference + np.sqrt((high_w - window) ** 2 + (reference - low_r) ** 2)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _wilson(share: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    z2 = Z_CONFIDENCE**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_CONFIDENCE * np.sqrt(share * (1 - share) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)
