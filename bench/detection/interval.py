"""Wilson's interval of a rate (Wilson, JASA 22, 1927): right at 0 of n and at n of n, where the normal one is not.

Windows that share a reference are not independent, so the true interval is somewhat wider.
"""

from __future__ import annotations

import math

Z = 1.959964


def wilson(hits: float, trials: float) -> tuple[float, float]:
    """95 % limits of the rate behind `hits` of `trials`; (0, 1) without trials."""
    if trials <= 0:
        return 0.0, 1.0
    rate, square = hits / trials, Z * Z / trials
    middle = (rate + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials))
    return max(0.0, middle - half), min(1.0, middle + half)
