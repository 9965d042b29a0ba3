"""Spread: are the window's values further out, or closer in, than the reference's?

The mean of |mid-rank - 1/2|: the Ansari-Bradley statistic (1960) on pooled mid-ranks. Effect: difference of the two
means, from -1/4 to 1/4; positive when the window lies further out.

Sees: added noise, lost variation, a value repeated. Blind to shifts, which `location` sees.
Cannot see: how far out a value is, only that it is further out than others (`beyond` sees the far ends).
Parameters: floor 0.01. The mean scores are exact given the bins; checked by simulated noise that `location` misses.

Ansari, Bradley, *Rank-sum tests for dispersions*, Ann. Math. Stat. 31 (1960).
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.scores import mean_shift, mid_ranks


def spread(samples: Samples, bar: Bar) -> Result:
    """Shift of |mid-rank - 1/2|, (...); bins must ascend.

    >>> import numpy as np
    >>> both_ends = Samples(np.array([250.0, 500.0, 250.0]), np.array([50.0, 0.0, 50.0]))
    >>> f"{spread(both_ends, Bar()).effect:.3f}"
    '0.182'
    """
    return mean_shift(samples, np.abs(mid_ranks(samples) - 0.5), bar)
