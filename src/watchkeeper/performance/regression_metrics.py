"""The metrics of a regression. Errors are prediction less truth, in the truth's own unit.

`bias`, `mae`, `mape` and `quantile_loss` are means of row values, with normal intervals. `rmse` is the root of such a
mean; the spread of squared errors is read from the histogram of errors (its bins are an eighth of an octave wide, which
makes the interval's width uncertain by about a tenth, the value not at all). `r2` = 1 - sum(e^2) / sum((y - mean y)^2);
its interval is the delta method on the log of that ratio, as if squared errors and the truth's squared deviations did
not move together and the truth had a normal's kurtosis; it is approximate, and needs 10 rows.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from watchkeeper.performance.cells import UNIT
from watchkeeper.performance.metric import EMPTY, Basis, Metric, Z, joined, mean, summed_mean, untold, within
from watchkeeper.performance.regression import RegressionLayout
from watchkeeper.tallies.tally import FloatArray, IntArray

MEDIAN = 0.5


def regression_metrics(layout: RegressionLayout, counts: IntArray, basis: Basis) -> dict[str, Metric]:
    """Metrics of one tally."""
    over, under, over_sq, under_sq = (float(part) for part in layout.sides(counts))
    square = over_sq + under_sq
    found = {
        "rmse": _rmse(layout, counts, square, basis),
        "mae": within(mean(over + under, square, basis.weight, basis, EMPTY)),
        "mape": _mape(layout, counts, basis),
        "r2": _r2(layout, counts, square, basis),
        "bias": mean(over - under, square, basis.weight, basis, EMPTY),
        "median_error": _median(layout, counts, basis),
    }
    clipped = basis.n(float(layout.cells.part(counts, "clipped")[0]))
    if not clipped:
        return found
    note = f"rows so far out that they count as bounds: {clipped:,}"
    return {name: msgspec.structs.replace(m, note=joined(m.note, note)) for name, m in found.items()}


def quantile_loss(layout: RegressionLayout, counts: IntArray, basis: Basis, quantile: float) -> Metric:
    """Mean pinball loss of predictions meant as the `quantile` (0 to 1): q x under + (1 - q) x over."""
    over, under, over_sq, under_sq = (float(part) for part in layout.sides(counts))
    q = quantile
    squares = q * q * under_sq + (1 - q) ** 2 * over_sq
    return within(mean(q * under + (1 - q) * over, squares, basis.weight, basis, EMPTY))


def _rmse(layout: RegressionLayout, counts: IntArray, square: float, basis: Basis) -> Metric:
    found = mean(square, _fourth(layout, counts) * basis.weight, basis.weight, basis, EMPTY)
    if found.value is None or found.low is None or found.high is None:
        return msgspec.structs.replace(found, value=None if found.value is None else math.sqrt(found.value))
    value, low, high = (math.sqrt(max(part, 0.0)) for part in (found.value, found.low, found.high))
    return msgspec.structs.replace(found, value=value, low=low, high=high)


def _fourth(layout: RegressionLayout, counts: IntArray) -> float:
    """Mean fourth power of the error, from the histogram; at least one row is counted."""
    edges, rows = layout.error_bins(counts)
    middle = (edges[:-1] + edges[1:]) / 2
    return float((rows * middle**4).sum() / max(rows.sum(), 1e-300))


def _mape(layout: RegressionLayout, counts: IntArray, basis: Basis) -> Metric:
    """Mean of |error| / |truth| over the rows whose truth is not zero, as a ratio (0.1 is ten per cent)."""
    cells = layout.cells
    zero, clipped = (float(cells.part(counts, name)[0]) for name in ("zero_truth", "clipped_relative"))
    of = basis.weight - zero
    why = "every truth is zero" if zero else EMPTY
    found = within(summed_mean(cells, counts, "relative", basis, of=of, why=why))
    notes = [f"rows left out because their truth is zero: {basis.n(zero):,}"] if zero and of else []
    if clipped:
        notes.append(f"rows whose error counts as 128 times their truth: {basis.n(clipped):,}")
    return msgspec.structs.replace(found, note=joined(found.note, *notes))


def _r2(layout: RegressionLayout, counts: IntArray, square: float, basis: Basis) -> Metric:
    if not basis.weight:
        return untold(EMPTY)
    total = float(layout.cells.total(counts, "truth"))
    total_sq = float(layout.cells.total_sq(counts, "truth"))
    variance, middle = (total_sq - total * total / basis.weight) / basis.weight, abs(total) / basis.weight
    spread = variance * basis.weight / layout.truth.scale**2
    n = basis.n(basis.weight)
    if n < 2 or variance <= (middle + 2.0**-14) / UNIT:  # no more than rounding leaves
        return untold("the truth does not vary", n)
    value = 1 - square / spread
    if basis.effective < 10:
        return Metric(value=value, n=n, note="fewer than 10 rows: no interval")
    loss = square / basis.weight
    step = Z * math.sqrt((_fourth(layout, counts) / max(loss**2, 1e-300) - 1 + 2) / basis.effective) if loss else 0.0
    return Metric(value=value, low=1 - (1 - value) * math.exp(step), high=1 - (1 - value) * math.exp(-step), n=n)


def _median(layout: RegressionLayout, counts: IntArray, basis: Basis) -> Metric:
    """The median error from the histogram; the interval is of order statistics (ranks n/2 -+ z sqrt(n)/2)."""
    edges, rows = layout.error_bins(counts)
    total = float(rows.sum())
    if not total:
        return untold(EMPTY)
    step = Z / (2 * math.sqrt(max(basis.effective, 1.0)))
    upto = np.concatenate([[0.0], np.cumsum(rows)]) / total
    value, low, high = (_at(upto, edges, rank) for rank in (MEDIAN, MEDIAN - step, MEDIAN + step))
    return Metric(value=value, low=low, high=high, n=basis.n(total))


def _at(upto: FloatArray, edges: FloatArray, rank: float) -> float:
    rank = min(max(rank, 0.0), 1.0)
    k = int(np.clip(np.searchsorted(upto, rank, "left"), 1, len(upto) - 1))
    inside = (rank - upto[k - 1]) / max(upto[k] - upto[k - 1], 1e-300)
    return float(edges[k - 1] + min(inside, 1.0) * (edges[k] - edges[k - 1]))
