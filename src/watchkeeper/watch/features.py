"""What estimates from features read of a version's live route: rows that teach, and the profile of a window's tally.

Rows are read once for each run of windows: of the windows that teach, from the newest back to 300,000 predictions, and
of these about 20,000 labelled rows, picked by a checksum of their prediction ID. A window is read from its tally alone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import Unavailable
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.pairs import REGRESSION, Pairs
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.labelled_pairs import labelled_pairs
from watchkeeper.store.labelled_rows import RowFilter
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE, Version
from watchkeeper.tallies.tally import FloatArray, IntArray

MOST_READ, MOST_ROWS = 300_000, 20_000
_MICRO = 1_000_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TaughtRows:
    """Labelled `pairs` (n) by time and their features and outputs; `bounds` (K + 1,) cut them into windows."""

    cells: FeatureCells
    rows: pa.Table
    pairs: Pairs
    bounds: IntArray


class Features:
    """Features of one version's windows, in `cells` of its reference."""

    def __init__(self, store: Store, version: Version, cells: FeatureCells, windows: LabelledWindows) -> None:
        self._store, self._version, self._cells, self._windows = store, version, cells, windows

    def profile(self, start: int) -> tuple[FloatArray, int] | None:
        """((1 + cells,) the mean design of the window's rows, how many were answered); None where there are none."""
        of = self._version.model, self._version.version
        found = self._store.tallies.window_sum(*of, start, start + self._windows.width, route=LIVE)
        profile = None if found is None else self._cells.profile_of(found[0].counts)
        return profile if profile is not None and profile[1] else None

    def taught(self, layout: Layout, starts: tuple[int, ...]) -> TaughtRows | None:
        """The rows that teach, of the windows at `starts`; None where none are kept, or they cannot be read."""
        some = self._newest(starts)
        if not some:
            return None
        labelled = sum(self._windows.at(start).rows for start in some)
        one_in = 1 << max(0, (-(-labelled // MOST_ROWS) - 1).bit_length())
        try:
            table = self._read(some, one_in)
        except Unavailable as error:
            _log.warning("Rows that teach estimates of %s cannot be read: %s", self._version.model, error)
            return None
        if table is None:
            return None
        pairs, known = labelled_pairs(self._version.task, layout.classes, table)
        if pairs is None or not len(pairs):
            return None
        rows = table.filter(pa.array(known))
        at = rows["event_time"].cast(pa.int64()).to_numpy() // _MICRO
        bounds = np.searchsorted(at, np.array([*some, some[-1] + self._windows.width]))
        return TaughtRows(self._cells, rows, pairs, bounds.astype(np.int64))

    def _newest(self, starts: tuple[int, ...]) -> list[int]:
        """The newest of `starts`, as many as may be read, by time."""
        some: list[int] = []
        left = MOST_READ
        for start in reversed(starts):
            left -= self._windows.predictions.get(start, 0)
            if left < 0 and some:
                break
            some.append(start)
        return some[::-1]

    def _read(self, starts: list[int], one_in: int) -> pa.Table | None:
        """Rows of the windows at `starts`, by time, with every column of the bins."""
        rows, model, width = self._store.labelled_rows, self._version.model, self._windows.width
        wanted = RowFilter(
            start=starts[0] * _MICRO,
            end=(starts[-1] + width) * _MICRO,
            version=self._version.version,
            route=LIVE,
            labelled=True,
            one_in=one_in,
        )
        binned = [name for name in self._cells.binning.columns if name.startswith((INPUT, OUTPUT))]
        there = rows.columns(model, wanted)
        columns = {name: kind for name, kind in there.items() if name in binned or name.startswith(OUTPUT)}
        numeric = self._version.task == REGRESSION
        kept = ["event_time", *columns, "label", "weight"]
        parts = [part.select(kept) for part in rows.parts(model, wanted, columns, numeric=numeric)]
        if not parts:
            return None
        table = pa.concat_tables(parts).combine_chunks().sort_by("event_time")
        at = table["event_time"].cast(pa.int64()).to_numpy() // (width * _MICRO) * width
        table = table.filter(pa.array(np.isin(at, starts)))
        for name in binned:
            if name not in columns:
                table = table.append_column(name, pa.nulls(table.num_rows, pa.string()))
        return table
