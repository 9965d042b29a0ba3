"""A fixed sample of a table's rows, chosen by a hash of their positions: it depends on nothing but their number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.tallies.tally import IntArray

SAMPLE_ROWS = 10_000
SAMPLE_CELLS = 10_000_000
_STRIDE = 1 << 20


def sample_size(columns: int) -> int:
    """How many rows a sample of so many columns has at most."""
    return min(SAMPLE_ROWS, SAMPLE_CELLS // max(columns, 1))


def sampled_rows(total: int, most: int) -> IntArray:
    """Positions, ascending, of the `most` rows of `total` whose hashes are smallest; all rows if there are no more."""
    if total <= most:
        return np.arange(total, dtype=np.int64)
    kept = np.zeros(0, np.int64)
    for start in range(0, total, _STRIDE):
        candidates = np.concatenate([kept, np.arange(start, min(start + _STRIDE, total), dtype=np.int64)])
        if candidates.size > most:
            candidates = candidates[np.argpartition(_mixed(candidates), most - 1)[:most]]
        kept = candidates
    return np.sort(kept)


def _mixed(positions: IntArray) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): one to one, so no two rows tie."""
    z = positions.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class RowSample:
    """The sampled rows of a table that comes in batches."""

    def __init__(self, fields: pa.Schema, wanted: IntArray) -> None:
        self._fields, self._wanted, self._at = fields, wanted, 0
        self._parts: list[pa.Table] = []

    def see(self, batch: pa.Table) -> None:
        """Take in the next rows; `batch` has the sample's columns."""
        first, last = np.searchsorted(self._wanted, [self._at, self._at + batch.num_rows])
        if last > first:
            places = pa.array(self._wanted[first:last] - self._at)
            taken = [_plain(batch.column(f.name).take(places), f.type) for f in self._fields]
            self._parts.append(pa.Table.from_arrays(taken, schema=self._fields))
        self._at += batch.num_rows

    def table(self) -> pa.Table:
        """The rows, in their order."""
        return pa.concat_tables(self._parts) if self._parts else self._fields.empty_table()


def _plain(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """A column in its declared type, dictionaries that only shorten it undone."""
    return column if column.type == kind else column.cast(kind)
