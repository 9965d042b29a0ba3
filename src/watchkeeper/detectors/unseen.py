"""Unseen levels: more rows with a level that the reference never had than its rare levels explain.

A reference with many rare levels promises more unseen ones: Good and Turing's estimate of the unseen share is f1 / m,
f1 being the levels seen exactly once, with variance about (f1 + 2 f2) / m^2. Counts are deflated by phi = 1 + 2 f2 /
f1 before Fisher's tail, since a level that is unseen may come several times.

Effect: share of rows with an unseen level, less f1 / m. One-sided. Interval: Newcombe.
Sees: a new carrier, a renamed category, text where codes were. Cannot see: which level (the bucket it hashes to only).
Parameters: floor 0.001. `Rates.reference_hits` is f1, `reference_trials` the reference rows with a level.

Good, *The population frequencies of species and the estimation of population parameters*, Biometrika 40 (1953).
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.rate import rate_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.tails import fisher_tail
from watchkeeper.tallies.tally import FloatArray


def unseen(rates: Rates, bar: Bar) -> Result:
    """Excess of rows with an unseen level, (...).

    >>> import numpy as np
    >>> five_new = Rates(np.array(5.0), np.array(100.0), np.array(1.0), np.array(20_000.0))
    >>> f"p {unseen(five_new, Bar()).p_value:.0e}"
    'p 6e-11'
    """
    hits, singletons = deflated(rates)
    return rate_result(rates, fisher_tail(hits, singletons + 1, rates.n, rates.m), bar, bar.level)


def deflated(rates: Rates) -> tuple[FloatArray, FloatArray]:
    """(...) rows with an unseen level, and levels seen once, each over phi."""
    phi = 1 + 2 * rates.doubletons / np.maximum(rates.reference_hits, 1.0)
    return np.floor(rates.hits / phi), np.ceil(rates.reference_hits / phi)
