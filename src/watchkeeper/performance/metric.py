"""A metric with its interval, and the ways in which intervals are made.

Intervals cover 95 % of independent rows. Rows of one day resemble each other, so an interval tells how exactly this
window's rows fix the number, not how much the number moves from window to window.

share      Wilson's score interval (1927): right at 0 of n and n of n
mean       normal, with Student's t quantile, from the exact sums of the values and their squares
ratio      delta method on multinomial counts: for any smooth function of the cell shares, its influence per row
bounded    normal on the logit scale, for areas under curves: never outside 0 to 1
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from watchkeeper.performance.cells import Cells
from watchkeeper.tallies.tally import FloatArray, IntArray

Z = float(special.ndtri(0.975))
EMPTY = "no labelled rows"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """A number read from labelled rows.

    `value` is None where it cannot be told, and `note` says why; else `low` to `high` is its 95 % interval (None where
    there are too few rows for one). `n` is the rows it rests on. `estimated` says that it was not read from labels.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""
    estimated: bool = False


def untold(why: str, n: int = 0) -> Metric:
    """No number, and the reason."""
    return Metric(value=None, n=n, note=why)


def joined(*notes: str) -> str:
    """Notes as one text, empty ones left out."""
    return "; ".join(note for note in notes if note)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a window's weighted counts rest on: rows as they came, their summed weight, and the effective number."""

    rows: float
    weight: float
    effective: float

    def n(self, weight: float) -> int:
        """How many rows a weighted count of `weight` stands for."""
        return round(weight * self.rows / self.weight) if self.weight else 0

    def worth(self, weight: float) -> float:
        """How many effective rows a weighted count of `weight` is worth: what its interval rests on."""
        return weight * self.effective / self.weight if self.weight else 0.0

    @property
    def note(self) -> str:
        """A remark where weights make rows worth less than their number; else nothing."""
        if self.effective >= 0.99 * self.rows:
            return ""
        return f"weighted: {self.rows:,.0f} rows tell as much as {self.effective:,.0f} picked evenly"


def share(hits: float, of: float, basis: Basis, why: str) -> Metric:
    """A share `hits / of` of weighted counts with Wilson's interval; `why` is the reason where `of` is zero."""
    if of <= 0:
        return untold(why)
    value = min(1.0, float(hits / of))
    low, high = wilson(value, float(basis.worth(of)))
    return Metric(value=value, low=low, high=high, n=basis.n(of))


def wilson(value: float, n: float) -> tuple[float, float]:
    """95 % interval of a share seen in `n` (> 0, not necessarily whole) rows."""
    z2 = Z * Z
    centre = (value + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(value * (1 - value) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return min(value, max(0.0, centre - half)), max(value, min(1.0, centre + half))


def mean(total: float, total_sq: float, of: float, basis: Basis, why: str) -> Metric:
    """The mean of values, from their weighted sum, sum of squares and the weighted rows `of`."""
    if of <= 0:
        return untold(why)
    value, n = total / of, basis.n(of)
    half = half_width(value, total_sq / of, basis.worth(of))
    if half is None:
        return Metric(value=value, n=n, note="one row has no interval")
    return Metric(value=value, low=value - half, high=value + half, n=n)


def summed_mean(cells: Cells, counts: IntArray, name: str, basis: Basis, *, of: float, why: str) -> Metric:
    """The mean of the values that a layout sums under `name`, over the weighted rows `of`."""
    return mean(float(cells.total(counts, name)), float(cells.total_sq(counts, name)), of, basis, why)


def half_width(value: float, mean_square: float, effective: float) -> float | None:
    """Half the 95 % interval of a mean; None with fewer than two rows."""
    if effective < 2:
        return None
    variance = max(mean_square - value * value, 0.0) / (effective - 1)
    return t_quantile(effective - 1) * math.sqrt(variance)


def t_quantile(freedom: float) -> float:
    """Student's t that 97.5 % lie below, at `freedom` (> 0) degrees of freedom."""
    return float(special.stdtrit(freedom, 0.975))


def within(metric: Metric, low: float = 0.0, high: float = math.inf) -> Metric:
    """The metric with its interval held inside what is possible."""
    if metric.low is None or metric.high is None:
        return metric
    return msgspec.structs.replace(metric, low=max(metric.low, low), high=min(metric.high, high))


def ratio(value: float, influence: FloatArray, shares: FloatArray, basis: Basis, note: str = "") -> Metric:
    """A function of multinomial shares: `influence` is its gradient at the `shares` (same shape, summing to 1)."""
    spread = float((shares * influence**2).sum() - (shares * influence).sum() ** 2)
    half = Z * math.sqrt(max(spread, 0.0) / max(basis.effective, 1.0))
    return Metric(value=value, low=value - half, high=value + half, n=basis.n(basis.weight), note=note)


def bounded(value: float, error: float, tolerance: float, *, cases: float, n: int) -> Metric:
    """A value within 0 to 1 with standard error `error`, on the logit scale, widened by a `tolerance` either way.

    A value nearer to 0 or 1 than half of one of `cases` is taken to lie there, so that perfection keeps an interval.
    """
    inside = float(np.clip(value, 0.5 / (cases + 1), 1 - 0.5 / (cases + 1)))
    step = Z * error / (inside * (1 - inside))
    centre = math.log(inside / (1 - inside))
    low, high = float(special.expit(centre - step)), float(special.expit(centre + step))
    low, high = max(0.0, min(low, value) - tolerance), min(1.0, max(high, value) + tolerance)
    note = f"counted in bins: exact to ±{tolerance:.2g}" if tolerance > 0.001 else ""
    return Metric(value=value, low=low, high=high, n=n, note=note)
