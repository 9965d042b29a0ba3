"""L-infinity: the largest change of any one cell's share.

Effect: max |window share - reference share|, 0 to 1: what TFDV calls the L-infinity distance. p: that cell's exact
Fisher test, times the number of live cells. Interval: Newcombe's for that cell, with no allowance for having picked
it.

Sees: one common category that moved. Cannot see: a rare one that multiplied (`worst_cell` does), or many small moves.
Parameters: floor 0.01. It describes; it has no weight in the decision.

Breck et al., *Data validation for machine learning*, MLSys 2019.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.cells import flat
from watchkeeper.detectors.rate import newcombe, rate_gate
from watchkeeper.detectors.result import Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.detectors.tails import fisher_two_sided


def largest_gap(samples: Samples, bar: Bar) -> Result:
    """Largest change of a share, (...).

    >>> import numpy as np
    >>> f"{largest_gap(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar()).effect:.2f}"
    '0.30'
    """
    window, reference, shape = flat(samples)
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    gaps = np.abs(window / n[:, None] - reference / m[:, None])
    at = (np.arange(len(gaps)), gaps.argmax(1))
    rates = Rates(window[at], n, reference[at], m)
    live = np.maximum(((window + reference) > 0).sum(1), 2)
    p = np.minimum(1.0, live * fisher_two_sided(rates.hits, rates.reference_hits, n, m))
    low, high = newcombe(rates)
    up = rates.shares[0] >= rates.shares[1]
    low, high = np.where(up, low, -high), np.where(up, high, -low)
    share = (window[at] + reference[at]) / (n + m)
    error = np.sqrt(np.maximum(share * (1 - share), 1e-12) * (1 / n + 1 / m))
    smallest = np.minimum(np.maximum(bar.smallest_shift(error), Z_POWER * error), 1.0)
    values = (gaps[at], gaps[at], np.maximum(low, 0.0), high, p, rate_gate(rates, bar.floor), smallest)
    return Result(*(value.reshape(shape) for value in values))
