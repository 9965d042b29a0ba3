"""Labelled rows of the last windows, cut into segments by the reference: what harm in a segment is looked for in.

Levels are those of the reference, the 19 most frequent of a category or quarters of a number, so a segment keeps its
name from pass to pass. What privacy dropped is no feature here; hashed and masked values are as they were recorded.

At most ROWS labelled rows are used, about as many of each window: which ones is decided by their prediction IDs alone,
window by window, so it does not depend on when or with which other windows they are read. A model with more than READ
answered rows in these windows is judged on fewer of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.compare.row_cells import cells_of, row_cells
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.levels import Levels, distinct
from watchkeeper.performance.pairs import REGRESSION
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.segment_blocks import LossRows
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.store.buckets import Source
from watchkeeper.store.labelled_pairs import labelled_pairs
from watchkeeper.store.labelled_rows import RowFilter, thinned
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.store import Store
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray

ROWS, READ = 200_000, 2_000_000
LEVELS, QUARTERS = 20, 4
_HIDDEN = {Privacy.HASH: "hashed", Privacy.MASK: "masked"}
_MICRO = 1_000_000


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of `width` seconds by their `starts` (K,), ascending: blocks 0 to K - 1 of what is read of them.

    About one row in `one_in` (K,), powers of two, of each is used.
    """

    starts: IntArray
    one_in: IntArray
    width: int


class Read(NamedTuple):
    """Rows of windows. `hidden` says of features how privacy changed their values."""

    rows: LossRows
    hidden: Mapping[str, str]


def windows_of(starts: IntArray, labels: IntArray, answered: Mapping[int, int], width: int, most: int) -> Windows:
    """The windows at `starts` that can be read, each thinned so that `most` like it hold ROWS labelled rows or less.

    `labels` (K,) and `answered` are how many rows a window has. Where all have more than READ, the oldest windows are
    left out.
    """
    rows = np.maximum(labels, [answered.get(start, 0) for start in starts.tolist()])
    kept = slice(len(starts) - int(np.searchsorted(np.cumsum(rows[::-1]), READ, "right")), None)
    doubled = np.ceil(np.log2(np.maximum(1.0, labels[kept] * most / ROWS)))
    return Windows(starts[kept], 2 ** doubled.astype(np.int64), width)


def read_segments(store: Store, source: Source, task: str, reference: Reference, windows: Windows) -> Read | None:
    """The labelled rows of these windows that are kept, thinned; None where there are none."""
    table = _table(store, source, task, reference, windows)
    layout = store.performance.layout(source.model, source.version)
    if table is None or layout is None:
        return None
    pairs, good = labelled_pairs(task, read_layouts(layout)[0].classes, table)
    if pairs is None:
        return None
    block = np.searchsorted(windows.starts, _starts(table, windows.width))[good]
    loss = row_losses(pairs)[MAIN]
    rows = LossRows(
        loss, pairs.weight / WEIGHT_ONE, block, len(windows.starts), _features(reference, table.filter(pa.array(good)))
    )
    return Read(rows.only(np.isfinite(loss)), _hidden(reference))


def _table(store: Store, source: Source, task: str, reference: Reference, windows: Windows) -> pa.Table | None:
    """Envelope, features, outputs and labels of the windows' rows that are used."""
    first, last = int(windows.starts[0]), int(windows.starts[-1]) + windows.width
    wanted = RowFilter(
        start=first * _MICRO, end=last * _MICRO, version=source.version, route=source.route, labelled=True,
        one_in=int(windows.one_in.min()),
    )  # fmt: skip
    features = set(_cut(reference))
    there = store.labelled_rows.columns(source.model, wanted)
    columns = {name: kind for name, kind in there.items() if name in features or name.startswith(OUTPUT)}
    kept = []
    for part in store.labelled_rows.parts(source.model, wanted, columns, numeric=task == REGRESSION):
        used = _used(part, windows)
        if used.any():
            kept.append(part.filter(pa.array(used)))
    return pa.concat_tables(kept) if kept else None


def _used(part: pa.Table, windows: Windows) -> BoolArray:
    """Which rows are in one of the windows, and among those that it uses."""
    starts, one_in, at = windows.starts, windows.one_in, _starts(part, windows.width)
    place = np.minimum(np.searchsorted(starts, at), len(starts) - 1)
    used = starts[place] == at
    for factor in np.unique(one_in[one_in > one_in.min()]).tolist():
        used &= (one_in[place] != factor) | thinned(part["prediction_id"], factor)
    return np.asarray(used)


def _starts(table: pa.Table, width: int) -> IntArray:
    seconds: IntArray = np.asarray(table["event_time"].cast(pa.int64()).to_numpy()) // _MICRO
    return seconds // width * width


def _cut(reference: Reference) -> dict[str, int]:
    """Inputs that can be cut into levels, and into how many at most."""
    bins = {name: found for name, found in reference.binning.columns.items() if name.startswith(INPUT)}
    most = {name: LEVELS for name, found in bins.items() if isinstance(found, CategoricalBins)}
    return most | {name: QUARTERS for name, found in bins.items() if isinstance(found, NumericBins)}


def _features(reference: Reference, table: pa.Table) -> dict[str, Levels]:
    features = {}
    for column, most in _cut(reference).items():
        if column in table.column_names:
            cells = cells_of(reference, column, most)
            features[_name(reference, column)] = Levels(distinct(cells.labels), row_cells(reference, cells, table))
    return features


def _name(reference: Reference, column: str) -> str:
    bins = reference.binning.columns[column]
    name = column.removeprefix(INPUT)
    return f"length of {name}" if isinstance(bins, NumericBins) and bins.length else name


def _hidden(reference: Reference) -> dict[str, str]:
    private: Sequence[tuple[str, Privacy]] = [(feature.name, feature.privacy) for feature in reference.schema.features]
    return {name: _HIDDEN[privacy] for name, privacy in private if privacy in _HIDDEN}
