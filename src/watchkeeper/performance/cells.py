"""Named runs of cells in one vector, and the counting of weighted rows into them.

Every layout begins with the head: `rows` (as they came), `weight` and `weight_sq` (see weights.py). Other cells hold
weights: a row raises each cell it falls into by its weight, and each sum by its weight times a whole amount. All are
int64 additions, so any order and grouping of rows gives the same bits.

A summed value lies within 128 of zero (layouts scale it so) and counts in whole 2^-24ths; its square in whole 2^-40ths,
in two cells that take 24 bits each and the rest, so that small values keep a variance and large ones do not overflow
before a tally holds 2^24 rows at the limit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.weights import WEIGHT_ONE, effective, squares
from watchkeeper.tallies.bins import CHUNK, per_group
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

UNIT, LIMIT = 2.0**24, 128.0
PART = 3
"""Cells of one part of the rows: weight, rows, squared weight."""
_SQUARE_UNIT, _LIMB_BITS = 2.0**40, 24
_LIMB = 1 << _LIMB_BITS
_HEAD = {"rows": 1, "weight": 1, "weight_sq": 1}


class Cells:
    """The vector's layout: the head, then `sizes` in their order."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._places: dict[str, slice] = {}
        self.size = 0
        for name, size in (_HEAD | dict(sizes)).items():
            self._places[name] = slice(self.size, self.size + size)
            self.size += size

    def start(self, name: str) -> int:
        """The first cell called `name`."""
        return self._places[name].start

    def width(self, name: str) -> int:
        """How many cells the run called `name` has."""
        return self._places[name].stop - self._places[name].start

    def rows(self, counts: IntArray) -> IntArray:
        """(...) rows as they came."""
        return counts[..., self.start("rows")]

    def effective(self, counts: IntArray) -> FloatArray:
        """(...) the effective number of rows; the number of rows where all weigh the same."""
        return effective(counts[..., self.start("weight")], counts[..., self.start("weight_sq")])

    def weight(self, counts: IntArray) -> FloatArray:
        """(...) the weighted number of rows."""
        return counts[..., self.start("weight")] / WEIGHT_ONE

    def part(self, counts: IntArray, name: str) -> FloatArray:
        """(..., size of the run) the weighted counts called `name`, in rows."""
        return counts[..., self._places[name]] / WEIGHT_ONE

    def total(self, counts: IntArray, name: str) -> FloatArray:
        """(...) the weighted sum of the values called `name`."""
        return counts[..., self.start(name)] / (WEIGHT_ONE * UNIT)

    def total_sq(self, counts: IntArray, name: str) -> FloatArray:
        """(...) the weighted sum of their squares."""
        high, low = counts[..., self.start(f"{name}_sq")], counts[..., self.start(f"{name}_sq_low")]
        return (high / (_SQUARE_UNIT / _LIMB) + low / _SQUARE_UNIT) / WEIGHT_ONE


@dataclass(frozen=True, slots=True)
class Counted:
    """What n rows raise.

    Each of `cells` (n,) is one cell a row (-1: none), `sums` (n,) are whole amounts by name. Each of `parts` (n,) says
    by name which part a row belongs to (-1: none): its weight, the row, and its squared weight are counted there.
    """

    cells: Sequence[npt.NDArray[np.integer[Any]]]
    sums: Mapping[str, IntArray] = field(default_factory=dict)
    parts: Mapping[str, npt.NDArray[np.integer[Any]]] = field(default_factory=dict)


def sum_cells(*names: str) -> dict[str, int]:
    """The cells that `amounts` of these names fill."""
    return {f"{name}{part}": 1 for name in names for part in ("", "_sq", "_sq_low")}


def amounts(values: FloatArray, name: str) -> dict[str, IntArray]:
    """Whole amounts (n,) of `values` and of their squares; beyond 128 either way a value counts as 128."""
    held = np.clip(values, -LIMIT, LIMIT)
    square = np.rint(held * held * _SQUARE_UNIT).astype(np.int64)
    return {
        name: np.rint(held * UNIT).astype(np.int64),
        f"{name}_sq": square >> _LIMB_BITS,
        f"{name}_sq_low": square & (_LIMB - 1),
    }


class Countable(ABC):
    """Pairs to tallies, for a layout that says what its rows raise."""

    cells: Cells

    @property
    def size(self) -> int:
        """Cells of the vector."""
        return self.cells.size

    @abstractmethod
    def counted(self, pairs: Pairs) -> Counted:
        """What each of the rows raises."""

    def tally(self, pairs: Pairs) -> Tally:
        """The tally of all rows of `pairs`."""
        return self.tally_groups(pairs, np.array([0, len(pairs)]))[0]

    def tally_groups(self, pairs: Pairs, bounds: IntArray) -> list[Tally]:
        """One tally for each group of consecutive rows bounds[g]:bounds[g+1]; `bounds` (G+1,) ascends from 0 to n."""
        counts = np.zeros((len(bounds) - 1, self.cells.size), np.int64)
        for start in range(int(bounds[0]), int(bounds[-1]), CHUNK):
            end = min(start + CHUNK, int(bounds[-1]))
            first = int(np.searchsorted(bounds, start, "right")) - 1
            last = int(np.searchsorted(bounds, end, "left"))
            within = np.clip(bounds[first : last + 1], start, end) - start
            part = pairs.take(slice(start, end))
            _add(self.cells, self.counted(part), part.weight, within, counts[first:last])
        return [Tally(group.copy(), np.zeros(0), np.zeros(0)) for group in counts]


def tally_rows(cells: Cells, counted: Counted, weight: IntArray) -> Tally:
    """The tally of what n rows raise."""
    counts = np.zeros((1, cells.size), np.int64)
    _add(cells, counted, weight, np.array([0, len(weight)]), counts)
    return Tally(counts[0], np.zeros(0), np.zeros(0))


def _add(cells: Cells, counted: Counted, weight: IntArray, bounds: IntArray, into: IntArray) -> None:
    """Add rows bounds[g]:bounds[g+1] to group g of `into`, in place."""
    head = {"rows": np.ones(len(weight), np.int64), "weight": weight, "weight_sq": squares(weight)}
    sums = {name: amount * weight for name, amount in counted.sums.items()}
    for name, amount in (head | sums).items():
        into[:, cells.start(name)] += per_group(amount, bounds)
    groups = np.repeat(np.arange(len(into), dtype=np.int64) * cells.size, np.diff(bounds))
    for cell in counted.cells:
        _raise(into, groups, cell, weight)
    for name, part in counted.parts.items():
        start, step = cells.start(name), cells.width(name) // PART
        for k, amount in enumerate((weight, head["rows"], head["weight_sq"])):
            _raise(into, groups, np.where(part < 0, -1, start + k * step + part), amount)


def _raise(into: IntArray, groups: IntArray, cell: npt.NDArray[np.integer[Any]], weight: IntArray) -> None:
    """Add weights to cells. bincount adds in float64: exact, as a chunk's weights sum to less than 2^53."""
    here = cell >= 0
    if not here.all():
        groups, cell, weight = groups[here], cell[here], weight[here]
    into += np.bincount(groups + cell, weight, into.size).astype(np.int64).reshape(into.shape)
