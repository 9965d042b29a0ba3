"""The fine grid under every numeric tally: the leading 16 bits of a float32.

Theory. A value x is moved to d = (x - centre) * scale, with scale a power of two that makes the reference's span about
one, and rounded to float32. The top 16 bits of that float (1 sign, 8 exponent, 7 mantissa bits) name a *cell*. Cells
are 1/128 to 1/256 of the distance from the centre wide: near the centre they are finer than any reference quantile,
far away they grow in proportion, so a value a million spans out still shows its size and sign. Getting the cell is a
shift, not a search: the whole path from value to bin is one pass at about 3 ns a value, and a table of 65,536 entries
folds cells into whatever bins the reference asks for, with NaN and infinity folded in the same look-up.

The idea of using the float's own exponent and leading mantissa as a histogram index is that of HDR Histogram (Tene,
2012) and DDSketch (Masson, Rim, Lee, VLDB 2019, "fast" mapping); the centre is ours, so that a temperature in Kelvin
or a time stamp keeps its resolution.

`order` below numbers the cells so that they ascend with the value: 0 … 65,535, negative NaN first, positive NaN last.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS = 1 << 16
_SIGN = 1 << 15
_POSITIVE_INFINITY = 0x7F80
FIRST_FINITE = CELLS - 1 - (_SIGN | (_POSITIVE_INFINITY - 1))
LAST_FINITE = _SIGN | (_POSITIVE_INFINITY - 1)
NEGATIVE_INFINITY = FIRST_FINITE - 1
POSITIVE_INFINITY = LAST_FINITE + 1


def order_of_prefix() -> IntArray:
    """(65536,) the ascending order of each 16-bit float prefix."""
    prefix = np.arange(CELLS)
    return np.where(prefix < _SIGN, prefix | _SIGN, CELLS - 1 - prefix)


def prefixes(offsets: FloatArray) -> npt.NDArray[np.uint32]:
    """(n,) the 16-bit prefix of each offset d, rounded to float32 toward nearest. Overflow becomes infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        single = offsets.astype(np.float32)
    return single.view(np.uint32) >> np.uint32(16)


def cell_edges() -> FloatArray:
    """(65537,) d at the lower edge of each cell, in order; cell i holds lower[i] <= d < lower[i+1].

    Below zero it is lower[i] < d <= lower[i+1], since cutting bits cuts the magnitude. NaN and infinite cells have
    edges -inf and +inf.
    """
    magnitude = np.arange(_POSITIVE_INFINITY + 1, dtype=np.uint32) << np.uint32(16)
    positive = magnitude.view(np.float32).astype(np.float64)
    edges = np.full(CELLS + 1, np.inf)
    edges[:FIRST_FINITE] = -np.inf
    edges[_SIGN : POSITIVE_INFINITY + 1] = positive
    edges[FIRST_FINITE : _SIGN + 1] = -positive[::-1][: _SIGN + 1 - FIRST_FINITE]
    return edges


def power_of_two_scale(span: float) -> float:
    """The power of two that brings `span` (> 0) into (1/2, 1]; 1 where the span is zero or not finite."""
    if not (math.isfinite(span) and span > 0):
        return 1.0
    exponent = math.frexp(span)[1]
    if math.ldexp(0.5, exponent) == span:
        exponent -= 1
    return math.ldexp(1.0, max(-1000, min(1000, -exponent)))
