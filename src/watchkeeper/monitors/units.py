"""Has a column changed its unit? Miles sent as kilometres are the commonest way a number breaks.

For each known change x -> a + b x the reference's cumulative shares are moved accordingly and compared with the
window's at every bin edge (a Kolmogorov-Smirnov gap). A change is named when it explains what the plain comparison
cannot: the plain gap is large, and the moved one is small, and clearly smaller than after a mere shift to the same
median. (Prices that rise by about 15 % are not knots that became miles an hour: a unit stretches the whole shape.) Only
known changes are tried: any distribution is *some* multiple of another's, but few are 1.609 times.

Cannot see: a change within a few percent of 1; a unit that changed for part of the rows only; a factor so small that
all values fall into one bin, where every small factor explains them alike (a tie names nobody).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

LEAST_ROWS = 100
LEAST_GAIN = 0.1
MOST_LEFT = 0.35
MOST_OF_SHIFT = 2 / 3
TIE = 0.005


@dataclass(frozen=True)
class UnitChange:
    """x became `offset` + `factor` x: `name` says which units that would be."""

    name: str
    factor: float
    offset: float = 0.0


_FACTORS: dict[str, float] = {
    "miles became kilometres": 1.609344,
    "kilometres became miles": 1 / 1.609344,
    "feet became metres": 0.3048,
    "metres became feet": 1 / 0.3048,
    "inches became centimetres": 2.54,
    "centimetres became inches": 1 / 2.54,
    "pounds became kilograms": 0.45359237,
    "kilograms became pounds": 1 / 0.45359237,
    "knots became miles an hour": 1.150779,
    "miles an hour became knots": 1 / 1.150779,
    "metres a second became kilometres an hour": 3.6,
    "kilometres an hour became metres a second": 1 / 3.6,
    "a thousand times (kilo became the base unit)": 1000.0,
    "a thousandth (the base unit became kilo)": 0.001,
    "a million times": 1e6,
    "a millionth": 1e-6,
    "a hundred times (a share became a percentage, or units became cents)": 100.0,
    "a hundredth (a percentage became a share, or cents became units)": 0.01,
    "ten times": 10.0,
    "a tenth": 0.1,
    "minutes became seconds, or hours minutes": 60.0,
    "seconds became minutes, or minutes hours": 1 / 60,
    "hours became seconds": 3600.0,
    "seconds became hours": 1 / 3600,
    "days became hours": 24.0,
    "hours became days": 1 / 24,
    "the sign changed": -1.0,
}
CHANGES: tuple[UnitChange, ...] = (
    *(UnitChange(name, factor) for name, factor in _FACTORS.items()),
    UnitChange("Celsius became Fahrenheit", 1.8, 32.0),
    UnitChange("Fahrenheit became Celsius", 1 / 1.8, -32 / 1.8),
    UnitChange("Celsius became Kelvin", 1.0, 273.15),
    UnitChange("Kelvin became Celsius", 1.0, -273.15),
)


def unit_change(bins: NumericBins, reference: IntArray, window: IntArray) -> UnitChange | None:
    """The known change that turns `reference` (cells,) into `window` (cells,), both of `bins`; None without one."""
    theirs, mine = bins.value_counts(reference), bins.value_counts(window)
    if mine.sum() < LEAST_ROWS or theirs.sum() < LEAST_ROWS:
        return None
    edges = bins.edges
    before, now = np.cumsum(theirs) / theirs.sum(), np.cumsum(mine) / mine.sum()
    plain = float(np.abs(now - before).max())
    gaps = [_gap_after(change, edges, before, now) for change in CHANGES]
    best, second = np.argsort(gaps)[:2]
    noise = 1.0 / np.sqrt(mine.sum())
    explained = plain - gaps[best] >= LEAST_GAIN + noise and gaps[best] <= max(MOST_LEFT * plain, noise)
    if not explained or gaps[second] - gaps[best] <= TIE:
        return None
    shift = UnitChange("", 1.0, bins.quantile(window, 0.5) - bins.quantile(reference, 0.5))
    stretched = CHANGES[best].factor == 1 or gaps[best] <= MOST_OF_SHIFT * _gap_after(shift, edges, before, now)
    return CHANGES[best] if stretched else None


def _gap_after(change: UnitChange, edges: FloatArray, before: FloatArray, now: FloatArray) -> float:
    """Largest gap between `now` and the moved reference, at the upper edge of every bin but the last."""
    at = (edges[1:-1] - change.offset) / change.factor
    moved = np.interp(at, edges[1:-1], before[:-1], left=0.0, right=1.0)
    if change.factor < 0:
        moved = 1 - moved
    return float(np.abs(now[:-1] - moved).max(initial=0.0))
