"""What a detector must clear, and what it answers.

Two conditions make an alarm, and every detector gives both:

1. `p_value` <= level against *no change*, so that chance alarms at a stated rate;
2. `gate` <= 0.05, a one-sided test that the effect is larger than its floor, so that a harmless change never alarms,
   however many rows make it certain. An effect exactly at its floor passes up to about 5 % of the time.

`smallest` is the smallest true effect that would pass both with 80 % probability: every silence reports it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.tallies.tally import FloatArray

GATE = 0.05
POWER = 0.8
CONFIDENCE = 0.95
Z_CONFIDENCE = float(special.ndtri(0.5 + CONFIDENCE / 2))
Z_GATE = float(special.ndtri(1 - GATE))
Z_POWER = float(special.ndtri(POWER))


@dataclass(frozen=True, slots=True)
class Bar:
    """The level that a p-value must reach, and the floor that an effect must exceed."""

    level: float = 0.01
    floor: float = 0.0

    @property
    def z(self) -> float:
        """The normal quantile of the two-sided level."""
        return float(-special.ndtri(self.level / 2))

    def smallest_shift(self, error: FloatArray) -> FloatArray:
        """The smallest effect that a normal estimate with standard error `error` clears four times in five."""
        return np.maximum((self.z + Z_POWER) * error, self.floor + (Z_GATE + Z_POWER) * error)


@dataclass(frozen=True, slots=True)
class Result:
    """One detector's answers, each of the batch's leading shape; `low` to `high` is the effect's 95 % interval."""

    statistic: FloatArray
    effect: FloatArray
    low: FloatArray
    high: FloatArray
    p_value: FloatArray
    gate: FloatArray
    smallest: FloatArray

    @property
    def gated(self) -> FloatArray:
        """(...) the p-value, or 1 where the effect is not shown to exceed its floor."""
        return np.where(self.gate <= GATE, self.p_value, 1.0)
