"""Location: are the window's values higher or lower than the reference's?

The Mann-Whitney statistic (1947) on tallied mid-ranks. Effect: P(a window value > a reference value) - 1/2, ties
counted half, from -1/2 to 1/2; 0.1 means that a window value beats a reference value 60 % of the time.

Sees: shifts, the most powerful part for a moved mean of almost any distribution; blind to scale and outliers' size.
Cannot see: a change that leaves ranks balanced (more spread, a new second peak on both sides).
Parameters: floor 0.01. Exact given the bins: equal to scipy.stats.mannwhitneyu (asymptotic) on binned values but for
the tail, which here follows the permutation skewness.

Mann, Whitney, *On a test of whether one of two random variables is stochastically larger than the other*, Ann. Math.
Stat. 18 (1947).
"""

from __future__ import annotations

from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.scores import mean_shift, mid_ranks


def location(samples: Samples, bar: Bar) -> Result:
    """Shift of mid-ranks, (...); bins must ascend.

    >>> import numpy as np
    >>> result = location(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar(level=0.001, floor=0.01))
    >>> f"{result.effect:.2f}, p {result.p_value:.0e}"
    '0.15, p 8e-09'
    """
    return mean_shift(samples, mid_ranks(samples), bar)
