"""Tallies of numbers: reference quantiles, atoms, doubling bins outside the range, faults, exact moments and extremes.

Layout of the vector (B value bins):

    0 … B-1        value bins in ascending order; `lo_bin … hi_bin` lie inside the reference's range, the others double
                   in width away from it, with sign, so that a change of unit shows its new shape and size
    B … B+3        missing, NaN, infinite, unreadable (a value that is no number): with the value bins, each row is in
                   exactly one of these
    B+4, B+5       overlays: out of the declared range, of the wrong type (unreadable, or a fraction in an integer)
    B+6 … B+8      exact sums: of d in units of 2^-24, of d squared in units of 2^-24 (d itself rounded to 2^-12), and
                   how many values lay beyond |d| = 128 and were counted in both sums as 128

where d = (x - centre) * scale is about one reference span wide (see grid.py). Sums are whole numbers small enough that
float64 adds them exactly within a chunk and int64 across chunks, for up to 2^31 rows, so moments too are the same
bits in any order.

Bins are cut at K reference quantiles (128 by default), at the 0.1 % order statistics and at the extremes, all snapped
to the fine grid; a cell that holds at least max(1/256, 20 rows) of the reference is an *atom* and gets a bin of its
own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchkeeper.schema.numbers import BoolArray, Column, as_floats
from watchkeeper.tallies import grid
from watchkeeper.tallies.bins import CHUNK, Encoded
from watchkeeper.tallies.tally import FloatArray, IntArray

QUANTILES = 128
DOUBLINGS = 12
_FAULTS = ("missing", "nan", "infinite", "unreadable")
_OVERLAYS = ("out_of_range", "wrong_type")
_SUMS = ("sum", "sum_sq", "saturated")
_ATOM_SHARE, _ATOM_ROWS = 256, 20
_TAIL = 0.001
_SUM_UNIT, _SQUARE_UNIT, _LIMIT = 2.0**24, 2.0**12, 128.0
_REACH = 1e38


class NumericBins:
    """Bins of one numeric column.

    `cuts` (B+1,) are cell orders: bin i holds cells cuts[i] … cuts[i+1]-1, from the first finite cell to the last.
    `minimum` and `maximum` are the declared bounds (inclusive) that `out_of_range` is judged by. `whole` says that only
    whole numbers are right. `length` counts the characters of a text column instead of its values.
    """

    kind: ClassVar[str] = "numeric"
    extremes: ClassVar[int] = 1

    def __init__(
        self,
        *,
        centre: float,
        scale: float,
        cuts: Sequence[int] | IntArray,
        lo_bin: int,
        hi_bin: int,
        atoms: Sequence[int] = (),
        minimum: float | None = None,
        maximum: float | None = None,
        whole: bool = False,
        length: bool = False,
    ) -> None:
        self.centre, self.scale = centre, scale
        self.cuts = np.asarray(cuts, np.int64)
        self.lo_bin, self.hi_bin = lo_bin, hi_bin
        self.minimum, self.maximum, self.whole, self.length = minimum, maximum, whole, length
        self.value_bins = len(self.cuts) - 1
        self.atoms = np.zeros(self.value_bins, bool)
        self.atoms[list(atoms)] = True
        self.size = self.value_bins + len(_FAULTS) + len(_OVERLAYS) + len(_SUMS)
        self._bin_of_prefix = self._fold()

    def _fold(self) -> npt.NDArray[np.int64]:
        """(65536,) the bin, NaN or infinite cell of each float32 prefix."""
        of_cell = np.full(grid.CELLS, self.slot("nan"), np.int64)
        of_cell[grid.FIRST_FINITE : grid.LAST_FINITE + 1] = np.repeat(np.arange(self.value_bins), np.diff(self.cuts))
        of_cell[[grid.NEGATIVE_INFINITY, grid.POSITIVE_INFINITY]] = self.slot("infinite")
        return of_cell[grid.order_of_prefix()]

    def slot(self, name: str) -> int:
        """The cell of a named fault, overlay or sum."""
        return self.value_bins + (_FAULTS + _OVERLAYS + _SUMS).index(name)

    @cached_property
    def edges(self) -> FloatArray:
        """(B+1,) value at each bin's lower edge, then the last upper edge; -inf and +inf outermost. Read-only."""
        with np.errstate(over="ignore"):
            edges = grid.cell_edges()[self.cuts] / self.scale + self.centre
        edges[0], edges[-1] = -np.inf, np.inf
        edges.setflags(write=False)
        return edges

    # ---------------------------------------------------------------- counting
    def encode(self, column: Column) -> Encoded:
        """Where each row goes. Accepts numbers, booleans, time stamps, text of numbers; anything else is unreadable."""
        values, missing, unreadable = as_floats(column, length=self.length)
        with np.errstate(over="ignore", invalid="ignore"):  # near the largest float: an infinite offset, settled below
            offset = values - self.centre
            offset *= self.scale
        cell = self._bin_of_prefix[grid.prefixes(offset)]
        ends, regular = self._plain_ends(values), None
        if ends is None:
            values = values.copy()
            regular = self._settle(values, offset, cell, missing, unreadable)
            ends = _ends(values)
        return Encoded(
            cell=cell,
            overlays=self._overlays(column, values, ends, regular, unreadable),
            sums=self._sums(offset, ends),
            values=values,
            ends=ends,
        )

    def _plain_ends(self, values: FloatArray) -> tuple[float, float] | None:
        """The smallest and largest value where all are finite and none overflows the grid: the ordinary column."""
        if not values.size:
            return math.inf, -math.inf
        low, high = float(values.min()), float(values.max())
        reach = max(abs(low), abs(high), abs(self.centre)) * max(self.scale, 1.0)  # NaN if any is
        return (low, high) if reach < _REACH else None

    def _settle(
        self,
        values: FloatArray,
        offset: FloatArray,
        cell: npt.NDArray[np.int64],
        missing: BoolArray | None,
        unreadable: BoolArray | None,
    ) -> BoolArray:
        """Correct the rare rows in place. Returns which rows hold a finite number."""
        odd = cell >= self.value_bins
        overflow = odd & np.isfinite(values)
        cell[overflow] = np.where(values[overflow] > self.centre, self.value_bins - 1, 0)
        values[odd & ~overflow] = np.nan
        if missing is not None:
            cell[missing] = self.slot("missing")
        if unreadable is not None:
            cell[unreadable] = self.slot("unreadable")
        regular: BoolArray = ~odd | overflow
        offset[~regular] = 0.0
        return regular

    def _overlays(
        self,
        column: Column,
        values: FloatArray,
        ends: tuple[float, float],
        regular: BoolArray | None,
        unreadable: BoolArray | None,
    ) -> dict[int, BoolArray]:
        raised = {}
        outside = _outside(values, ends, self.minimum, self.maximum)
        if outside is not None:
            raised[self.slot("out_of_range")] = outside
        wrong = unreadable
        if self.whole and not pa.types.is_integer(column.type):
            fraction = values != np.rint(values)
            fraction = fraction if regular is None else fraction & regular
            wrong = fraction if unreadable is None else fraction | unreadable
        if wrong is not None:
            raised[self.slot("wrong_type")] = wrong
        return raised

    def _sums(self, offset: FloatArray, ends: tuple[float, float]) -> dict[int, FloatArray]:
        sums = {}
        low, high = ((end - self.centre) * self.scale for end in ends)
        if low < -_LIMIT or high > _LIMIT:
            beyond = np.abs(offset) > _LIMIT
            sums[self.slot("saturated")] = beyond.astype(np.float64)
            offset = np.clip(offset, -_LIMIT, _LIMIT)
        amount = offset * _SUM_UNIT
        sums[self.slot("sum")] = np.rint(amount, out=amount)
        square = offset * _SQUARE_UNIT
        np.rint(square, out=square)
        sums[self.slot("sum_sq")] = np.square(square, out=square)
        return sums

    # ---------------------------------------------------------------- reading
    def value_counts(self, counts: IntArray) -> IntArray:
        """(..., B) the value bins of `counts` (..., size)."""
        return counts[..., : self.value_bins]

    def rate_counts(self, counts: IntArray) -> dict[str, IntArray]:
        """Rows (...) per fault and overlay: missing, nan, infinite, unreadable, out_of_range, wrong_type."""
        return {name: counts[..., self.slot(name)] for name in _FAULTS + _OVERLAYS}

    def rows(self, counts: IntArray) -> IntArray:
        """(...) rows counted, whatever became of them."""
        total: IntArray = counts[..., : self.value_bins + len(_FAULTS)].sum(-1)
        return total

    def moments(self, counts: IntArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """(n, mean, population standard deviation) of the finite values, each (...); NaN where n is 0.

        Exact but for the fixed-point rounding (2^-25 of the span for the mean) and for values beyond 128 spans, which
        count as 128 spans.
        """
        n = self.value_counts(counts).sum(-1)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = counts[..., self.slot("sum")] / _SUM_UNIT / n
            square = counts[..., self.slot("sum_sq")] / _SQUARE_UNIT**2 / n
            sd = np.sqrt(np.maximum(square - mean**2, 0.0))
            return n, mean / self.scale + self.centre, sd / self.scale

    def clipped(self, counts: IntArray) -> tuple[bool, bool]:
        """Whether values beyond 128 spans (below, above) were clipped in the sums of one tally, and so in its moments.

        A lone clipped side bounds the mean from the other; clipping only ever makes the standard deviation smaller.
        """
        if not counts[self.slot("saturated")]:
            return False, False
        values, reach = self.value_counts(counts), _LIMIT / self.scale
        below = values[self.edges[:-1] < self.centre - reach].any()
        return bool(below), bool(values[self.edges[1:] > self.centre + reach].any())

    def quantile(self, counts: IntArray, q: float, low: float = -math.inf, high: float = math.inf) -> float:
        """The q-quantile of the finite values of one tally, linear inside its bin; NaN where there are none.

        `low` and `high` are the tally's extremes: they bound the two open-ended bins, and the answer.
        """
        values = self.value_counts(counts)
        n = int(values.sum())
        if n == 0:
            return math.nan
        edges = np.clip(self.edges, low, high)
        rank = q * n
        upto = np.cumsum(values)
        i = min(int(np.searchsorted(upto, rank)), self.value_bins - 1)
        while values[i] == 0:  # rank 0 in an empty first bin
            i += 1
        share = (rank - (upto[i] - values[i])) / values[i]
        lower, upper = float(edges[i]), float(edges[i + 1])
        if not (math.isfinite(lower) and math.isfinite(upper)):
            return upper if math.isinf(lower) else lower
        width = upper - lower
        return float(lower + share * width if math.isfinite(width) else lower * (1 - share) + upper * share)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; floats keep all their bits."""
        return {
            "kind": self.kind,
            "centre": self.centre,
            "scale": self.scale,
            "cuts": self.cuts.tolist(),
            "lo_bin": self.lo_bin,
            "hi_bin": self.hi_bin,
            "atoms": np.flatnonzero(self.atoms).tolist(),
            "minimum": self.minimum,
            "maximum": self.maximum,
            "whole": self.whole,
            "length": self.length,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> NumericBins:
        """The bins that `to_dict` described."""
        return cls(**{key: value for key, value in fields.items() if key != "kind"})

    # ---------------------------------------------------------------- making
    @classmethod
    def fit(
        cls,
        column: Column,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        whole: bool = False,
        length: bool = False,
        quantiles: int = QUANTILES,
    ) -> NumericBins:
        """Bins for the reference `column`. A column without one finite number gets the plain doubling grid."""
        centre, scale = centre_and_scale(_spread(column, length))
        cells = _cell_counts(column, centre, scale, length)
        cuts, lo_bin, hi_bin, atoms = choose_cuts(cells, quantiles)
        return cls(
            centre=centre, scale=scale, cuts=cuts, lo_bin=lo_bin, hi_bin=hi_bin, atoms=atoms,
            minimum=minimum, maximum=maximum, whole=whole, length=length,
        )  # fmt: skip

    @classmethod
    def logarithmic(cls, low: float, high: float, per_octave: int = 8) -> NumericBins:
        """Fixed bins from `low` to `high` (> low > 0), `per_octave` (a power of two) to each doubling; no reference.

        The scale keeps `high` within the range of exact sums; a power of two moves cells, it does not change them.
        """
        step = 128 // per_octave
        scale = grid.power_of_two_scale(high) * _LIMIT / 2
        orders = grid.order_of_prefix()[grid.prefixes(np.array([low, high]) * scale)] // step * step
        inner = np.arange(orders[0], orders[1] + step + 1, step)
        cuts = [grid.FIRST_FINITE, *inner.tolist(), grid.LAST_FINITE + 1]
        return cls(centre=0.0, scale=scale, cuts=cuts, lo_bin=1, hi_bin=len(cuts) - 3)


def _ends(values: FloatArray) -> tuple[float, float]:
    """The smallest and largest value, NaN left out; (+inf, -inf) where there is none."""
    low, high = np.fmin.reduce(values, initial=math.inf), np.fmax.reduce(values, initial=-math.inf)
    return float(low), float(high)


def _outside(
    values: FloatArray, ends: tuple[float, float], minimum: float | None, maximum: float | None
) -> BoolArray | None:
    """Rows beyond the declared bounds, or None when there are none."""
    lowest = -math.inf if minimum is None else minimum
    highest = math.inf if maximum is None else maximum
    if ends[0] >= lowest and ends[1] <= highest:
        return None
    outside: BoolArray = (values < lowest) | (values > highest)
    return outside


# -------------------------------------------------------------------- choosing bins
def spread_step(rows: int) -> int:
    """Every how many rows one is looked at to choose centre and scale: about 20,000 of them in all."""
    return max(1, rows // 20_000)


def _spread(column: Column, length: bool) -> FloatArray:
    step = spread_step(len(column))
    sample = column.take(pa.array(np.arange(0, len(column), step))) if step > 1 else column
    return as_floats(sample, length=length)[0]


def centre_and_scale(values: FloatArray) -> tuple[float, float]:
    """A value in the middle of the reference and the power of two that makes its 99.8 % span about one.

    `values` (n,) are of evenly spaced rows: the grid needs the order of magnitude, not the exact quantile.
    """
    values = np.sort(values[np.isfinite(values)])
    if not values.size:
        return 0.0, 1.0
    last = values.size - 1
    centre = float(values[last // 2])
    with np.errstate(over="ignore"):
        spans = values[last - int(_TAIL * last)] - values[int(_TAIL * last)], values[-1] - values[0], abs(centre)
    span = next((float(s) for s in spans if s > 0 and math.isfinite(s)), 1.0)
    return centre, grid.power_of_two_scale(span)


def _cell_counts(column: Column, centre: float, scale: float, length: bool) -> IntArray:
    """(65536,) reference rows per fine cell, finite values only."""
    cells = np.zeros(grid.CELLS, np.int64)
    for start in range(0, len(column), CHUNK):
        values, _, _ = as_floats(column.slice(start, CHUNK), length=length)
        values = values[np.isfinite(values)]
        with np.errstate(over="ignore"):
            offset = (values - centre) * scale
        cells += np.bincount(grid.prefixes(offset), minlength=grid.CELLS)
    ordered = np.zeros_like(cells)
    ordered[grid.order_of_prefix()] = cells
    ordered[grid.FIRST_FINITE] += ordered[: grid.FIRST_FINITE].sum()
    ordered[grid.LAST_FINITE] += ordered[grid.LAST_FINITE + 1 :].sum()
    ordered[: grid.FIRST_FINITE] = 0
    ordered[grid.LAST_FINITE + 1 :] = 0
    return ordered


def choose_cuts(cells: IntArray, quantiles: int = QUANTILES) -> tuple[list[int], int, int, list[int]]:
    """From `cells` (65536,), the reference's rows per fine cell: cuts, first and last bin in the range, and atoms."""
    rows = int(cells.sum())
    if rows == 0:
        first = last = 1 << 15
        inside = {first, first + 1}
        heavy: list[int] = []
    else:
        used = np.flatnonzero(cells)
        first, last = int(used[0]), int(used[-1])
        upto = np.cumsum(cells)
        ranks = np.arange(1, quantiles) * rows / quantiles
        tails = np.array([_TAIL, 1 - _TAIL]) * rows
        at = np.searchsorted(upto, np.concatenate([ranks, tails])) + 1
        heavy = np.flatnonzero(cells >= max(rows / _ATOM_SHARE, _ATOM_ROWS)).tolist()
        inside = {first, last + 1, *at.tolist(), *heavy, *(cell + 1 for cell in heavy)}
        inside = {cut for cut in inside if first <= cut <= last + 1}
    below, above = _doublings(first, last + 1)
    cuts = sorted({grid.FIRST_FINITE, grid.LAST_FINITE + 1, *below, *inside, *above})
    index = {cut: i for i, cut in enumerate(cuts)}
    return cuts, index[first], index[last + 1] - 1, [index[cell] for cell in heavy]


def _doublings(first: int, end: int) -> tuple[list[int], list[int]]:
    """Cuts below cell `first` and above cell `end` at distances 1/8, 1/4, 1/2, 1, 2 … spans, snapped to the grid."""
    edges = grid.cell_edges()
    low, high = edges[first], edges[end]
    span = max(high - low, 2.0**-20)
    steps = span * 2.0 ** (np.arange(DOUBLINGS - 1) - 3)
    orders = grid.order_of_prefix()
    with np.errstate(over="ignore"):
        below = orders[grid.prefixes(low - steps)]
        above = orders[grid.prefixes(high + steps)]
    return (
        [int(cut) for cut in below if grid.FIRST_FINITE < cut < first],
        [int(cut) for cut in above if end < cut <= grid.LAST_FINITE],
    )
