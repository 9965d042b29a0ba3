"""Kolmogorov-Smirnov: the largest gap between the two cumulative shares.

Effect: D, from 0 to 1, taken at bin edges (the gap inside a bin is missed; with bins of about 1/128 of the reference
that is at most about 0.008, and D is never overstated). p from the Kolmogorov limit with Stephens' small-sample
factor, conservative where values are tied.

Sees: any change of the distribution's middle. Weak on tails, and on rare new values.
Cannot see: order, missing values, or what happens inside one bin.
Interval: D -/+ the 95 % Kolmogorov band of the two samples together (exact in the limit when nothing changed, wide when
much did). Parameters: floor 0.02. D equals scipy.stats.ks_2samp's on binned values to 1e-12.

Smirnov (1939); Stephens, *EDF statistics for goodness of fit*, JASA 69 (1974).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.result import CONFIDENCE, GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Samples


def kolmogorov_smirnov(samples: Samples, bar: Bar) -> Result:
    """Largest gap of cumulative shares, (...); bins must ascend.

    >>> import numpy as np
    >>> result = kolmogorov_smirnov(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar())
    >>> f"D {result.effect:.2f}, p {result.p_value:.0e}"
    'D 0.30, p 1e-07'
    """
    window, reference = samples.shares
    gap = np.abs(np.cumsum(window, -1) - np.cumsum(reference, -1)).max(-1)
    root = np.sqrt(samples.effective_n)
    scale = root + 0.12 + 0.11 / root
    band = special.kolmogi(1 - CONFIDENCE) / scale
    beyond_chance = (special.kolmogi(bar.level) + Z_POWER / 2) / scale
    beyond_floor = bar.floor + (special.kolmogi(GATE) + Z_POWER / 2) / scale
    return Result(
        statistic=gap,
        effect=gap,
        low=np.maximum(gap - band, 0.0),
        high=np.minimum(gap + band, 1.0),
        p_value=special.kolmogorov(scale * gap),
        gate=special.kolmogorov(scale * np.maximum(gap - bar.floor, 0.0)),
        smallest=np.minimum(np.maximum(beyond_chance, beyond_floor), 1.0),
    )
