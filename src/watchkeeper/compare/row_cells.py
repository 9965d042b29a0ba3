"""Rows sent to a few cells of a column: the common ground of attribution and of the search for segments.

Numbers go to cells of about equal reference mass, categories to their most common levels with the others together;
what has no value goes to a cell of its own. Cells are fixed by the reference, so both tables use the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.sentences import number
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray

OTHER, MISSING = "other levels", "missing"


@dataclass(frozen=True)
class Cells:
    """How a column's rows are sent to cells: `of_bin` (size,) says which cell each of its bins belongs to."""

    column: str
    of_bin: IntArray
    labels: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self.labels)


def cells_of(reference: Reference, column: str, most: int) -> Cells:
    """Cells of `column`, at most `most` and one for what is missing. Raises BadInput for a column it does not know."""
    bins = reference.binning.columns.get(column)
    if not isinstance(bins, NumericBins | CategoricalBins):
        raise BadInput(f"The reference has no column {column!r} that can be cut into cells.")
    counts = reference.whole.counts[reference.binning.slice(column)]
    if isinstance(bins, NumericBins):
        return _numeric(column, bins, bins.value_counts(counts), most)
    return _levels(column, bins, bins.value_counts(counts), most)


def row_cells(reference: Reference, cells: Cells, table: pa.Table) -> IntArray:
    """(n,) the cell of every row of `table`, whose columns are named as in the binning."""
    if cells.column not in table.column_names:
        raise BadInput(f"The table has no column {cells.column!r}.", hint="Name columns as the reference does.")
    return cells.of_bin[reference.binning.columns[cells.column].encode(table[cells.column]).cell]


def counted(cells: IntArray, size: int) -> IntArray:
    """(size,) rows in each cell."""
    return np.bincount(cells, minlength=size).astype(np.int64)


def _numeric(column: str, bins: NumericBins, counts: IntArray, most: int) -> Cells:
    """Every bin that has rows where there are few of them, else cuts where the reference's mass is divided evenly."""
    share = counts / max(int(counts.sum()), 1)
    used = np.flatnonzero(counts)
    place = np.minimum(((np.cumsum(share) - share / 2) * most).astype(np.int64), most - 1)
    if 0 < len(used) <= most:
        place = np.minimum(np.searchsorted(used, np.arange(len(counts))), len(used) - 1)
    place = np.unique(place, return_inverse=True)[1]
    labels = [_range(bins, place, cell) for cell in range(int(place.max()) + 1)]
    of_bin = np.full(bins.size, len(labels), np.int64)
    of_bin[: bins.value_bins] = place
    return Cells(column, of_bin, (*labels, MISSING))


def _range(bins: NumericBins, place: IntArray, cell: int) -> str:
    inside = np.flatnonzero(place == cell)
    low, high = float(bins.edges[inside[0]]), float(bins.edges[inside[-1] + 1])
    if np.isinf(low) and np.isinf(high):
        return "any value"
    if np.isinf(low):
        return f"below {number(high)}"
    return f"{number(low)} or more" if np.isinf(high) else f"{number(low)} to {number(high)}"


def _levels(column: str, bins: CategoricalBins, counts: IntArray, most: int) -> Cells:
    """The most common levels; the rest, and levels never seen, share one cell."""
    levels = len(bins.levels)
    kept = np.argsort(-counts[:levels], kind="stable")[: levels if levels <= most else most - 1]
    of_bin = np.full(bins.size, len(kept), np.int64)
    of_bin[kept] = np.arange(len(kept))
    of_bin[bins.slot("missing")] = len(kept) + 1
    return Cells(column, of_bin, (*(bins.levels[level] for level in kept), OTHER, MISSING))
