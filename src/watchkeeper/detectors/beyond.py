"""Beyond: more values outside the reference's range, or far out in its tails, than chance allows.

Cuts are bins of the reference that leave r of its rows outside (r = 0: its very range). How many of n new rows fall
outside an r-th order statistic is exactly Beta-binomial, free of any distribution (Wilks 1941), and that is Fisher's
tail with r + 1 hits in the reference. A cut between two order statistics leaves even fewer rows outside, so p holds.

Effect: share of rows outside, less the reference's. One-sided: fewer outside is no alarm. Interval: Newcombe.
Sees: new extremes, changed units, outliers, from the first few rows. Cannot see: changes inside the range.
Parameters: floor 0.0005 for the range, 0.005 for tails. p equals scipy.stats.betabinom's tail.

Wilks, *Determination of sample sizes for setting tolerance limits*, Ann. Math. Stat. 12 (1941).
"""

from __future__ import annotations

from watchkeeper.detectors.rate import rate_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.tails import fisher_tail


def beyond(rates: Rates, bar: Bar) -> Result:
    """Excess of rows outside the reference's cuts, (...).

    >>> import numpy as np
    >>> three_outside = Rates(np.array(3.0), np.array(100.0), np.array(0.0), np.array(20_000.0))
    >>> f"p {beyond(three_outside, Bar()).p_value:.0e}"
    'p 5e-07'
    """
    p = fisher_tail(rates.hits, rates.reference_hits + 1, rates.n, rates.m)
    return rate_result(rates, p, bar, bar.level)
