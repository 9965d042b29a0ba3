"""What every kind of bins can do, and the small shared machinery for counting rows into them.

A kind of bins sends each row to exactly one *primary* cell (so primary cells partition the rows), may raise *overlay*
cells for some rows as well (out of range, unseen, wrong type), and may add exact sums. `Encoded` says so for a column;
counting it, for one group of rows or for many, is the same few lines for every kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from watchkeeper.schema.numbers import BoolArray, Column
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """Where the n rows of one column go.

    `cell` (n,) is each row's primary cell. `overlays` maps a cell to the rows (n,) that raise it too. `sums` maps a
    cell to whole-valued float64 amounts (n,) small enough to add exactly. `values` (n,) feed the extremes, NaN where
    a row has none, and `ends` are the smallest and largest of them; both None where the kind keeps no extremes.
    """

    cell: npt.NDArray[np.integer[Any]]
    overlays: Mapping[int, BoolArray] = field(default_factory=dict)
    sums: Mapping[int, FloatArray] = field(default_factory=dict)
    values: FloatArray | None = None
    ends: tuple[float, float] | None = None


class Bins(Protocol):
    """A kind of tally for one column, its bins fixed when the reference was compiled."""

    kind: ClassVar[str]

    @property
    def size(self) -> int:
        """Cells of the vector."""
        ...

    @property
    def extremes(self) -> int:
        """How many (low, high) pairs the tally keeps: 1 for numbers, else 0."""
        ...

    def encode(self, column: Column) -> Encoded:
        """Where each row of `column` goes. The column may be of any Arrow type; what cannot be read is counted so."""
        ...

    def rows(self, counts: IntArray) -> IntArray:
        """Rows counted, from the primary cells of `counts` (..., size)."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values that `BINS[kind].from_dict` reads back."""
        ...


@dataclass(frozen=True, slots=True)
class Groups:
    """Tallies of G groups being made, as arrays: `counts` (G, size), `low` and `high` (G, extremes)."""

    counts: IntArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def zero(cls, groups: int, size: int, extremes: int) -> Groups:
        """G tallies of no rows."""
        ends = (groups, extremes)
        return cls(np.zeros((groups, size), np.int64), np.full(ends, np.inf), np.full(ends, -np.inf))

    def part(self, cells: slice, ends: slice) -> Groups:
        """A view of some cells and extremes of every group."""
        return Groups(self.counts[:, cells], self.low[:, ends], self.high[:, ends])

    def some(self, groups: slice) -> Groups:
        """A view of some groups."""
        return Groups(self.counts[groups], self.low[groups], self.high[groups])

    def tallies(self) -> list[Tally]:
        """Each group's tally, in memory of its own."""
        return [
            Tally(c.copy(), low.copy(), high.copy())
            for c, low, high in zip(self.counts, self.low, self.high, strict=True)
        ]


def count(bins: Bins, column: Column) -> Tally:
    """The tally of a whole column."""
    total = Groups.zero(1, bins.size, bins.extremes)
    count_groups(bins, column, np.array([0, len(column)]), total)
    return Tally(total.counts[0], total.low[0], total.high[0])


def count_groups(bins: Bins, column: Column, bounds: IntArray, groups: Groups) -> None:
    """Add rows bounds[g]:bounds[g+1] of `column` to group g, in place.

    Works through the column in chunks that stay in the cache; a chunk touches only the groups that it overlaps.
    """
    for start in range(int(bounds[0]), int(bounds[-1]), CHUNK):
        end = min(start + CHUNK, int(bounds[-1]))
        first = int(np.searchsorted(bounds, start, "right")) - 1
        last = int(np.searchsorted(bounds, end, "left"))
        within = np.clip(bounds[first : last + 1], start, end) - start
        _count_into(bins, bins.encode(column.slice(start, end - start)), within, groups.some(slice(first, last)))


def _count_into(bins: Bins, rows: Encoded, bounds: IntArray, groups: Groups) -> None:
    number, size, cell = len(bounds) - 1, bins.size, rows.cell
    if number > 1:
        cell = cell + np.repeat(np.arange(number, dtype=np.int64) * size, np.diff(bounds))
    counts = groups.counts
    counts += np.bincount(cell, minlength=number * size).reshape(number, size)
    for slot, raised in rows.overlays.items():
        counts[:, slot] += per_group(raised.astype(np.int64), bounds)
    for slot, amount in rows.sums.items():
        counts[:, slot] += per_group(amount, bounds).astype(np.int64)
    if rows.ends is not None and number == 1:
        groups.low[0, 0], groups.high[0, 0] = min(groups.low[0, 0], rows.ends[0]), max(groups.high[0, 0], rows.ends[1])
    elif rows.values is not None:
        _extend(rows.values, bounds, groups.low[:, 0], groups.high[:, 0])


def per_group(amount: npt.NDArray[Any], bounds: IntArray) -> npt.NDArray[Any]:
    """Sum of `amount` over each group; an empty group sums to zero (reduceat alone would give the next value)."""
    if len(bounds) == 2:
        return amount.sum(keepdims=True)
    total = np.zeros(len(bounds) - 1, amount.dtype)
    filled = np.diff(bounds) > 0
    total[filled] = np.add.reduceat(amount, bounds[:-1][filled])
    return total


def _extend(values: FloatArray, bounds: IntArray, low: FloatArray, high: FloatArray) -> None:
    filled = np.diff(bounds) > 0
    starts = bounds[:-1][filled]
    low[filled] = np.fmin(low[filled], np.fmin.reduceat(values, starts))
    high[filled] = np.fmax(high[filled], np.fmax.reduceat(values, starts))
