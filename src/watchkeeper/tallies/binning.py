"""The binning of a model: every column's bins, side by side in one vector.

A bucket of a model is one Tally over this layout, so that a window, a shard or a merge is one vector addition, and a
batch of windows is one int64 matrix. Column keys are `input.<feature>`, `output.<name>`, `service.latency` (from the
envelope's `latency_us`) and `service.status` (from `status`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.bins import Bins, Groups, count_groups
from watchkeeper.tallies.categorical import CategoricalBins, levels_of
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import IntArray, Tally

BINS: dict[str, Any] = {
    NumericBins.kind: NumericBins,
    CategoricalBins.kind: CategoricalBins,
    StatusBins.kind: StatusBins,
}
LATENCY, STATUS = "service.latency", "service.status"
_ENVELOPE_COLUMN = {LATENCY: "latency_us", STATUS: "status"}


class Binning:
    """The bins of each column of a model, in a fixed order."""

    def __init__(self, columns: Mapping[str, Bins]) -> None:
        self.columns = dict(columns)
        self._cells: dict[str, slice] = {}
        self._ends: dict[str, slice] = {}
        self.size = self.extremes = 0
        for name, bins in self.columns.items():
            self._cells[name] = slice(self.size, self.size + bins.size)
            self._ends[name] = slice(self.extremes, self.extremes + bins.extremes)
            self.size += bins.size
            self.extremes += bins.extremes
        self.digest = hashlib.sha256(self.to_json()).hexdigest()

    def slice(self, column: str) -> slice:
        """Which cells of the vector belong to `column`."""
        return self._cells[column]

    def zero(self) -> Tally:
        """The tally of no rows."""
        return Tally.zero(self.size, self.extremes)

    def part(self, tally: Tally, column: str) -> Tally:
        """The cells and extremes of one column."""
        ends = self._ends[column]
        return Tally(tally.counts[self._cells[column]], tally.low[ends], tally.high[ends])

    def gather(self, parts: Iterable[tuple[Binning, Tally]]) -> Tally:
        """One tally over this binning from tallies of its columns, counted apart by binnings of their own."""
        total = self.zero()
        for binning, tally in parts:
            for name in binning.columns:
                ends, theirs = self._ends[name], binning.part(tally, name)
                total.counts[self._cells[name]] = theirs.counts
                total.low[ends], total.high[ends] = theirs.low, theirs.high
        return total

    def tally(self, batch: pa.RecordBatch | pa.Table) -> Tally:
        """The tally of all rows of `batch`. Columns that the batch lacks are left uncounted; others are ignored."""
        return self.tally_groups(batch, np.array([0, batch.num_rows]))[0]

    def tally_groups(self, batch: pa.RecordBatch | pa.Table, bounds: IntArray) -> list[Tally]:
        """One tally for each group of consecutive rows bounds[g]:bounds[g+1]; `bounds` (G+1,) ascends from 0 to n."""
        groups = Groups.zero(len(bounds) - 1, self.size, self.extremes)
        for name, bins in self.columns.items():
            column = _column(batch, name)
            if column is None:
                continue
            part = groups.part(self._cells[name], self._ends[name])
            if len(bounds) == 2 and isinstance(bins, CategoricalBins):
                part.counts[0] += bins.count(levels_of(column))
            else:
                count_groups(bins, column, bounds, part)
        return groups.tallies()

    def to_json(self) -> bytes:
        """Canonical JSON, the same bytes for the same binning."""
        return msgspec.json.encode({name: bins.to_dict() for name, bins in self.columns.items()})

    @classmethod
    def from_json(cls, text: bytes) -> Binning:
        """The binning that `to_json` wrote. Raises BadInput if a kind of bins is unknown."""
        fields: dict[str, dict[str, Any]] = msgspec.json.decode(text)
        unknown = sorted({str(f.get("kind")) for f in fields.values()} - BINS.keys())
        if unknown:
            raise BadInput(
                f"This reference was tallied with bins of kind {unknown[0]!r}, which this version does not know.",
                hint="Use the Watchkeeper version that made it, or register the model again.",
            )
        return cls({name: BINS[f["kind"]].from_dict(f) for name, f in fields.items()})


def service_bins() -> dict[str, Bins]:
    """Bins of the service's own columns: latency from 16 µs to 134 s with 8 bins to a doubling, and status."""
    return {LATENCY: NumericBins.logarithmic(16.0, 1.3e8), STATUS: StatusBins()}


def group_bounds(keys: IntArray) -> IntArray:
    """Bounds (G+1,) of the runs of equal values in sorted `keys` (n,)."""
    if not keys.size:
        return np.zeros(1, np.int64)
    return np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1, [keys.size]]).astype(np.int64)


def _column(batch: pa.RecordBatch | pa.Table, name: str) -> pa.Array | pa.ChunkedArray | None:
    index = batch.schema.get_field_index(_ENVELOPE_COLUMN.get(name, name))
    return None if index < 0 else batch.column(index)
