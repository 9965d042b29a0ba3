"""Rows as one cell for each feature and output, read from a tally: cells are unions of the reference's own bins.

What additive models of rows are made of (loss_model.py, shift_weights.py). The mean of such a model over a window is a
linear functional of the window's ordinary tally, so no row is needed to know it; `profile_of` a tally and the mean of
its rows' `design` are the same to the last bit.

Numbers have cells between 12ths of the reference, the outermost hundredth and thousandth cut off; texts one for each
common level, one for the others. What is missing (not a number, unreadable) has a cell of its own. Values beyond the
reference's range, and levels that it never had, raise the outermost cell (that of other levels) and one more: what is
not known of them is taken to be as at the rim. Many columns have fewer cells each, so that there are about 1,200 in
all. Cells are numbered over all columns in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.schema.numbers import Column
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS, LEAST_CELLS, IN_ALL = 12, 2, 1200
MOST_COLUMNS = 300
AT_ONCE = 1 << 16
_TAILS = (0.001, 0.01, 0.99, 0.999)


@dataclass(frozen=True, eq=False)
class FeatureCells:
    """How each column of a `binning` is cut, in order."""

    binning: Binning
    cuts: tuple[Cut, ...]

    @classmethod
    def of(cls, binning: Binning, whole: IntArray, columns: Sequence[str] | None = None) -> FeatureCells:
        """Cells of `columns` of the binning; `whole` (size,) are the reference's counts.

        Without `columns` all outputs and inputs are taken, the first 300 of them. Raises BadInput for a column that has
        no bins of numbers or of levels.
        """
        if columns is None:
            columns = [name for part in (OUTPUT, INPUT) for name in binning.columns if name.startswith(part)]
            columns = columns[:MOST_COLUMNS]
        cuts, first, most = [], 0, int(np.clip(IN_ALL // max(len(columns), 1), LEAST_CELLS, CELLS))
        for name in columns:
            cuts.append(_cut(binning, whole, name, first, most))
            first += cuts[-1].size
        return cls(binning, tuple(cuts))

    @property
    def size(self) -> int:
        """How many cells there are over all features."""
        return sum(cut.size for cut in self.cuts)

    @property
    def inputs(self) -> IntArray:
        """Places in a design of the constant and of the cells of all columns that are no outputs."""
        cells = [np.arange(cut.size) + 1 + cut.first for cut in self.cuts if not cut.column.startswith(OUTPUT)]
        return np.concatenate([[0], *cells]).astype(np.int64)

    @property
    def outputs(self) -> list[slice]:
        """Places in a design of the cells of each output."""
        return [slice(1 + c.first, 1 + c.first + c.size) for c in self.cuts if c.column.startswith(OUTPUT)]

    def profile_of(self, counts: IntArray) -> tuple[FloatArray, int]:
        """((1 + size,) the mean design of the rows tallied as `counts` (binning.size,), how many rows they are).

        Rows that lack a column are counted as missing there.
        """
        owns = [counts[self.binning.slice(cut.column)] for cut in self.cuts]
        rows = [int(self.binning.columns[cut.column].rows(own)) for cut, own in zip(self.cuts, owns, strict=True)]
        n = max(rows, default=0)
        parts = [cut.cells_of(own, n - seen) for cut, own, seen in zip(self.cuts, owns, rows, strict=True)]
        return np.concatenate([[n], *parts]) / max(n, 1), n

    def design(self, table: pa.Table) -> sparse.csr_array:
        """(n, 1 + size) a constant, and a one in the cells of each column; rows named as in the binning.

        Raises BadInput where the table lacks a column.
        """
        alone = self._alone(table)
        nested = sparse.block_diag([np.eye(1), *(cut.nested for cut in self.cuts)], format="csr")
        return sparse.csr_array(alone @ nested)

    def sums(self, table: pa.Table, weights: FloatArray) -> FloatArray:
        """(n,) the sum of `weights` (1 + size,) over each row's design."""
        parts = [table.slice(first, AT_ONCE) for first in range(0, max(table.num_rows, 1), AT_ONCE)]
        return np.concatenate([self.design(part) @ weights for part in parts])

    def _alone(self, table: pa.Table) -> sparse.csr_array:
        """(n, 1 + size) a constant and the one cell of each column that a row lies in, without those it raises too."""
        lacking = [cut.column for cut in self.cuts if cut.column not in table.column_names]
        if lacking:
            raise BadInput(f"The table lacks the column {lacking[0]!r}.", hint="Name columns as the reference does.")
        places = [np.zeros(table.num_rows, np.int64)]
        places += [1 + cut.first + cut.place(self.binning, table[cut.column]) for cut in self.cuts]
        columns, ends = np.stack(places, 1).ravel(), np.arange(table.num_rows + 1) * len(places)
        return sparse.csr_array((np.ones(columns.size), columns, ends), shape=(table.num_rows, 1 + self.size))


@dataclass(frozen=True, eq=False)
class Cut:
    """One column's cells, from number `first` on.

    `of_bin` (bins,) is the cell of each bin, -1 where a bin counts no row of its own; `unseen` the bin that counts
    levels never seen, beside their own bin. The last cell is of what is missing. Cell `far[k]` raises `rim[k]`, too.
    """

    column: str
    first: int
    size: int
    of_bin: IntArray
    far: tuple[int, ...]
    rim: tuple[int, ...]
    unseen: int | None = None

    @property
    def nested(self) -> FloatArray:
        """(size, size) the cells that a row in each cell raises."""
        raised = np.eye(self.size)
        raised[list(self.far), list(self.rim)] = 1.0
        return raised

    def cells_of(self, counts: IntArray, lacking: int) -> IntArray:
        """(size,) rows that raise each cell, of a column's `counts` (bins,) and rows that lack it."""
        own = self.of_bin >= 0
        cells = np.zeros(self.size, np.int64)
        np.add.at(cells, self.of_bin[own], counts[own])
        cells[-1] += lacking
        if self.unseen is not None:  # their own bin holds them already: that of other levels, which is the rim
            cells[self.far[0]] += counts[self.unseen]
            return cells
        cells[list(self.rim)] += cells[list(self.far)]
        return cells

    def place(self, binning: Binning, column: Column) -> IntArray:
        """(n,) the cell of each row."""
        encoded = binning.columns[self.column].encode(column)
        cells = self.of_bin[encoded.cell]
        if self.unseen is not None and self.unseen in encoded.overlays:
            cells[encoded.overlays[self.unseen]] = self.far[0]
        return cells


def _cut(binning: Binning, whole: IntArray, name: str, first: int, most: int) -> Cut:
    bins, counts = binning.columns.get(name), whole[binning.slice(name)] if name in binning.columns else whole
    if isinstance(bins, NumericBins):
        return _numbers(name, bins, counts, first, most)
    if isinstance(bins, CategoricalBins):
        return _levels(name, bins, counts, first, most)
    raise BadInput(f"The reference has no column {name!r} that can be cut into cells.")


def _numbers(name: str, bins: NumericBins, counts: IntArray, first: int, most: int) -> Cut:
    """Inside the reference's range its bins by their rank; one cell below, one above, one for what is no number."""
    inside = slice(bins.lo_bin, bins.hi_bin + 1)
    share = counts[inside] / max(int(counts[inside].sum()), 1)
    at = np.sort([*(np.arange(1, most) / most), *(_TAILS if most == CELLS else ())])
    place = np.unique(np.searchsorted(at, np.cumsum(share) - share / 2), return_inverse=True)[1]
    used = int(place.max()) + 1
    of_bin = np.full(bins.size, -1, np.int64)
    of_bin[: bins.lo_bin], of_bin[inside], of_bin[bins.hi_bin + 1 : bins.value_bins] = used, place, used + 1
    of_bin[[bins.slot(fault) for fault in ("missing", "nan", "infinite", "unreadable")]] = used + 2
    return Cut(name, first, used + 3, of_bin, far=(used, used + 1), rim=(0, used - 1))


def _levels(name: str, bins: CategoricalBins, counts: IntArray, first: int, most: int) -> Cut:
    """The common levels; one cell for all others, one more for those never seen, one for what is missing."""
    known = counts[: len(bins.levels)]
    common = np.argsort(-known, kind="stable")[:most]
    common = common[known[common] > 0]
    of_bin = np.full(bins.size, -1, np.int64)
    of_bin[: bins.value_bins] = len(common)
    of_bin[common] = np.arange(len(common))
    of_bin[bins.slot("missing")] = len(common) + 2
    size, far = len(common) + 3, len(common) + 1
    return Cut(name, first, size, of_bin, far=(far,), rim=(far - 1,), unseen=bins.slot("unseen"))
