"""Answered rows by what was decided at which score, counted as they come, labelled or not.

A label can be years away, or never come; what a model said is known at once. Counted by the layout that labels are
counted by, it is what estimates without labels are made of (`performance.said_counts`). Rows that failed, that carry no
scores, or whose scores cannot be held against a label are not among them. Each row is read by itself, so that the
counts are the same however the stream is cut into steps: a row that carries no decision is decided by its scores,
whatever its neighbours carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.said_counts import counts_of, questions, said_cells
from watchkeeper.store.buckets import Source
from watchkeeper.store.performance import Place
from watchkeeper.tallies.binning import group_bounds
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.scoring import Scorer

MOST_CLASSES = 10
"""Beyond so many classes nothing is estimated from scores, so that nothing is counted for it."""
_MICRO = 1_000_000
_ROWS_AT_ONCE = 1 << 14
_CELLS_AT_ONCE = 1 << 21


@dataclass(frozen=True, eq=False)
class Said:
    """Rows of one source by time: the `cells` (questions, n) that each raises, `starts` (n,) of its bucket."""

    source: Source
    layout: Layout
    cells: IntArray
    starts: IntArray
    width: int

    def buckets(self) -> Iterator[tuple[Place, IntArray]]:
        """What the rows add to each bucket (questions, 2, bins), by time."""
        for begin, end in pairwise(group_bounds(self.starts).tolist()):
            place = Place(self.source, int(self.starts[begin]), self.width)
            yield place, counts_of(self.layout, self.cells[:, begin:end])


def in_lots(said: Iterable[Said]) -> Iterator[dict[Place, IntArray]]:
    """What `said` adds to buckets, many at a time but never thousands: they are dense."""
    lot: dict[Place, IntArray] = {}
    held = 0
    for place, counts in chain.from_iterable(one.buckets() for one in said):
        lot[place] = lot[place] + counts if place in lot else counts
        held += counts.size
        if held > _CELLS_AT_ONCE:
            yield lot
            lot, held = {}, 0
    if lot:
        yield lot


def said_of(source: Source, scorer: Scorer, answered: pa.Table, width: int) -> Said | None:
    """What `answered` rows of `source` (by event time) said, in buckets of `width` seconds; None without scores."""
    if scorer.layout is None or not 2 <= len(scorer.classes) <= MOST_CLASSES:
        return None
    outputs = scorer.outputs_of(answered)
    events = answered.column("event_time").cast(pa.int64()).to_numpy()
    starts = events // (width * _MICRO) * width
    cells, rows = [], []
    for first in range(0, answered.num_rows, _ROWS_AT_ONCE):
        raised, places = _cells(scorer, scorer.layout, outputs.slice(first, _ROWS_AT_ONCE))
        cells.append(raised)
        rows.append(first + places)
    kept = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    return Said(source, scorer.layout, np.concatenate(cells, axis=1), starts[kept], width) if kept.size else None


def _cells(scorer: Scorer, layout: Layout, outputs: pa.Table) -> tuple[IntArray, IntArray]:
    """((questions, m) cells that the readable rows of `outputs` raise, (m,) their places, ascending)."""
    try:
        pairs, good = scorer.answers(outputs)
        return said_cells(layout, pairs), np.flatnonzero(good)
    except BadInput:
        return np.zeros((questions(layout), 0), np.int64), np.zeros(0, np.int64)
