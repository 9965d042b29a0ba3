"""Rows as one cell for each feature: numbers in quantile cells of the reference, texts by their common levels.

The outermost hundredth and thousandth of a number's values have cells too, so that rows far out are seen to be there.

What additive models of rows are made of (loss_model.py, shift_weights.py). A missing value has a cell of its own, and
so have levels that the reference had rarely or never. Cells are numbered over all features in a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.numbers import Column, as_floats
from watchkeeper.tallies.categorical import as_dictionary
from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS, AT_ONCE = 12, 1 << 16
_AT = np.sort([*(np.arange(1, CELLS) / CELLS), 0.001, 0.01, 0.99, 0.999])


@dataclass(frozen=True, eq=False)
class FeatureCells:
    """How each feature is cut: ascending edges of a number, or the levels of a text with cells of their own."""

    cuts: Mapping[str, FloatArray | tuple[str, ...]]

    @classmethod
    def fit(cls, table: pa.Table) -> FeatureCells:
        """Cells for every column of the reference's `table`."""
        return cls({name: _cut(table[name]) for name in table.column_names})

    @property
    def size(self) -> int:
        """How many cells there are over all features."""
        return sum(_width(cut) for cut in self.cuts.values())

    def places(self, table: pa.Table) -> IntArray:
        """(n, features) the cell of each row and feature. Raises BadInput where the table lacks a column."""
        lacking = [name for name in self.cuts if name not in table.column_names]
        if lacking:
            raise BadInput(f"The table lacks the column {lacking[0]!r}.", hint="Give every feature of the reference.")
        start, found = 0, np.zeros((table.num_rows, len(self.cuts)), np.int64)
        for place, (name, cut) in enumerate(self.cuts.items()):
            found[:, place] = start + _place(table[name], cut)
            start += _width(cut)
        return found

    def profile(self, table: pa.Table) -> FloatArray:
        """(1 + size,) the mean of the rows' design; the table has at least one row."""
        total = np.zeros(1 + self.size)
        for part in _parts(table):
            total[1:] += np.bincount(self.places(part).ravel(), minlength=self.size)
        total[0] = table.num_rows
        return total / table.num_rows

    def sums(self, table: pa.Table, weights: FloatArray) -> FloatArray:
        """(n,) the sum of `weights` (1 + size,) over each row's design."""
        return np.concatenate([weights[0] + weights[1:][self.places(part)].sum(1) for part in _parts(table)])

    def design(self, table: pa.Table) -> sparse.csr_array:
        """(n, 1 + size) a constant, and a one in the cell of each feature."""
        places = self.places(table)
        rows, features = places.shape
        columns = np.concatenate([np.zeros((rows, 1), np.int64), 1 + places], axis=1).ravel()
        ends = np.arange(rows + 1) * (features + 1)
        return sparse.csr_array((np.ones(columns.size), columns, ends), shape=(rows, 1 + self.size))


def _parts(table: pa.Table) -> list[pa.Table]:
    """At most `AT_ONCE` rows each: a design takes memory for every row and feature."""
    return [table.slice(first, AT_ONCE) for first in range(0, max(table.num_rows, 1), AT_ONCE)]


def _cut(column: Column) -> FloatArray | tuple[str, ...]:
    coded, is_text = as_dictionary(column)
    if not is_text:
        values = as_floats(column)[0]
        known = values[np.isfinite(values)]
        inside = np.quantile(known, _AT) if known.size else np.zeros(0)
        edges: FloatArray = np.unique(inside)
        return edges
    names = coded.dictionary.to_pylist()
    rows = np.bincount(coded.indices.drop_null().to_numpy(zero_copy_only=False), minlength=len(names))
    common = np.argsort(-rows, kind="stable")[:CELLS]
    return tuple(str(names[place]) for place in common if rows[place])


def _width(cut: FloatArray | tuple[str, ...]) -> int:
    """Cells between edges or of levels, one for what is rare or beyond, one for what is missing."""
    return len(cut) + 2


def _place(column: Column, cut: FloatArray | tuple[str, ...]) -> IntArray:
    if isinstance(cut, tuple):
        coded, _ = as_dictionary(column)
        known = {name: place for place, name in enumerate(cut)}
        of = np.array([*(known.get(name, len(cut)) for name in coded.dictionary.to_pylist()), len(cut) + 1], np.int64)
        return of[coded.indices.fill_null(len(of) - 1).to_numpy(zero_copy_only=False)]
    values = as_floats(column)[0]
    found = np.searchsorted(cut, values, "right").astype(np.int64)
    return np.where(np.isnan(values), len(cut) + 1, found)
