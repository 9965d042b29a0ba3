"""Numbers as whole amounts, relative to what is ordinary for them.

A number x is kept as d = (x - centre) * scale, where `scale` is the power of two that makes the ordinary width about
one. |d| beyond 128 counts as 128, and such rows are counted, so that a mean they spoiled is told as a bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.performance.cells import LIMIT
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies import grid
from watchkeeper.tallies.tally import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Scale:
    """Where zero lies and how wide one is."""

    centre: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, values: FloatArray) -> Scale:
        """Centred at the median, the 99 % span about one wide; at least one value is finite."""
        low, centre, high = np.quantile(values, [0.005, 0.5, 0.995], method="inverted_cdf")
        width = float(high - low) or abs(float(centre)) or 1.0
        return cls(float(centre), grid.power_of_two_scale(width))

    def scaled(self, values: FloatArray) -> FloatArray:
        """(n,) d, clipped to 128 either way."""
        with np.errstate(over="ignore"):
            return np.clip((values - self.centre) * self.scale, -LIMIT, LIMIT)

    def beyond(self, values: FloatArray) -> BoolArray:
        """(n,) which values are clipped."""
        with np.errstate(over="ignore"):
            return np.abs((values - self.centre) * self.scale) > LIMIT


@dataclass(frozen=True, slots=True)
class SignedBins:
    """Bins of d that widen away from zero with sign: 8 to an octave from 2^-12 to 128, and one for what is smaller."""

    octaves = 19
    per_octave = 8

    @property
    def size(self) -> int:
        """How many bins there are, in ascending order of d; the middle one holds zero."""
        return 2 * self.octaves * self.per_octave + 1

    def place(self, scaled: FloatArray) -> IntArray:
        """(n,) the bin of each d; |d| of 128 and more lies in the outermost bins."""
        mantissa, exponent = np.frexp(np.abs(scaled))
        step = (exponent + 11) * self.per_octave + np.floor((mantissa * 2 - 1) * self.per_octave).astype(np.int64) + 1
        step = np.where(mantissa == 0, 0, np.clip(step, 0, self.octaves * self.per_octave))
        return self.octaves * self.per_octave + np.where(scaled < 0, -step, step)

    @property
    def edges(self) -> FloatArray:
        """(size + 1,) ascending edges of d."""
        inside = np.concatenate([2.0 ** (o - 12) * (1 + np.arange(8) / 8) for o in range(self.octaves)])
        upper = np.concatenate([inside, [2.0 ** (self.octaves - 12)]])
        return np.concatenate([-upper[::-1], upper])

    @property
    def middle(self) -> FloatArray:
        """(size,) the middle of each bin."""
        edges = self.edges
        return (edges[:-1] + edges[1:]) / 2
