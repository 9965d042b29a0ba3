"""Where did a feature move, and where not?

Both tables are cut into segments by the values of other columns, and within each segment the feature's distribution
before is held against the one now: total variation, 0 to 1, over about 12 cells (detectors/total_variation.py). A
segment *moved* where that is certain after correction for every segment looked at (Holm 1979), and its size surely
above `floor`, or above a quarter of the largest there is: under a move everywhere the segments that moved hardly stay
apart from those that moved much. Under 50 rows on either side, or 1 % of the rows, nothing is said of a segment.

A column *localises* the move where some of its segments moved and its other rows, taken together, did not. Of several
such columns the one that leaves the fewest rows to look at speaks. Inside its moved segments a second column is tried,
and no third: a move of (carrier = AA and origin = JFK) is found so, by way of either. Where the feature moved as a
whole, in no segment of a column, and the rows before would show at least half of the move if their segments had the
shares they have now, it is the mix of that column that changed.

Rows count as independent, so on a stream every segment is certain to differ a little: it is the size that tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from watchkeeper.compare.row_cells import cells_of, row_cells
from watchkeeper.compare.segment import Segment, Segments
from watchkeeper.compare.segment_words import segments_sentence
from watchkeeper.detectors.result import GATE, Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.total_variation import total_variation
from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.columns import feature_name
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

LEVELS, RANGES, CELLS = 20, 4, 12
LEAST_ROWS, LEAST_SHARE = 50, 0.01
FLOOR, OF_LARGEST, LEVEL = 0.05, 0.25, 0.01


@dataclass(frozen=True)
class _Side:
    """One table: the cell of the watched feature (n,), and of every column to cut by."""

    watched: IntArray
    by: dict[str, IntArray]

    def __len__(self) -> int:
        return len(self.watched)


@dataclass(frozen=True)
class _Split:
    """What one column says: its segments, and all rows outside those that moved.

    `unmixed` is the total variation that is left once the rows before are given the segments' present shares.
    """

    column: str
    segments: tuple[Segment, ...]
    rest: Segment | None
    too_few: tuple[str, ...]
    unmixed: float

    @property
    def moved(self) -> tuple[Segment, ...]:
        return tuple(s for s in self.segments if s.moved)

    @property
    def localises(self) -> bool:
        """Whether some segments moved and the rest, looked at together, did not."""
        return bool(self.moved) and self.rest is not None and not self.rest.moved

    @property
    def share(self) -> float:
        """Share of the rows now that are in moved segments."""
        return sum(s.share_now for s in self.moved)


class _Search:
    """All that is cut once: cells of both tables. Counts what it looks at."""

    def __init__(self, before: pa.Table, now: pa.Table, reference: Reference, feature: str, by: Sequence[str]) -> None:
        self.feature = cells_of(reference, feature, CELLS)
        self.cuts = {name: cells_of(reference, name, _most(reference, name)) for name in by if name != feature}
        self.before, self.now = (self._side(reference, table) for table in (before, now))
        self.looked_at = 0

    def _side(self, reference: Reference, table: pa.Table) -> _Side:
        by = {name: row_cells(reference, cut, table) for name, cut in self.cuts.items()}
        return _Side(row_cells(reference, self.feature, table), by)

    def whole(self) -> Segment:
        """All rows as one segment."""
        counts = [np.bincount(side.watched, minlength=self.feature.count)[None] for side in (self.before, self.now)]
        return self._judge(counts[0], counts[1], [()], 1, FLOOR)[0]

    def splits(self, within: tuple[tuple[str, str, int], ...] = ()) -> list[_Split]:
        """What every column says, of the rows where `within` (column, value, cell) holds; Holm over all of them."""
        taken = {column for column, _, _ in within}
        tables = {name: self._counts(name, within) for name in self.cuts if name not in taken}
        tests = sum(int(self._enough(*counts).sum()) for counts in tables.values())
        self.looked_at += tests
        return [self._split(name, *counts, within, tests) for name, counts in tables.items()]

    def _counts(self, column: str, within: tuple[tuple[str, str, int], ...]) -> tuple[IntArray, IntArray]:
        """(segments, cells) rows of both tables."""
        size = self.cuts[column].count, self.feature.count
        tables = []
        for side in (self.before, self.now):
            rows = np.ones(len(side), bool)
            for name, _, cell in within:
                rows &= side.by[name] == cell
            joint = side.by[column][rows] * size[1] + side.watched[rows]
            tables.append(np.bincount(joint, minlength=size[0] * size[1]).reshape(size))
        return tables[0], tables[1]

    def _enough(self, before: IntArray, now: IntArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        least = max(LEAST_ROWS, LEAST_SHARE * max(len(self.now), 1))
        return (before.sum(1) >= LEAST_ROWS) & (now.sum(1) >= least)

    def _split(
        self, column: str, before: IntArray, now: IntArray, within: tuple[tuple[str, str, int], ...], tests: int
    ) -> _Split:
        enough = np.flatnonzero(self._enough(before, now))
        outer = tuple((feature_name(name), value) for name, value, _ in within)
        labels, name = self.cuts[column].labels, feature_name(column)
        conditions = [(*outer, (name, labels[cell])) for cell in enough]
        segments = self._judge(before[enough], now[enough], conditions, tests, FLOOR)
        few = tuple(labels[c] for c in np.flatnonzero(before.sum(1) + now.sum(1)) if c not in set(enough.tolist()))
        still = np.setdiff1d(np.arange(len(before)), [c for c, s in zip(enough, segments, strict=True) if s.moved])
        largest = max((s.effect for s in segments if s.moved), default=0.0)
        rest = None
        if self._enough(before[still].sum(0)[None], now[still].sum(0)[None])[0]:
            floor = max(FLOOR, OF_LARGEST * largest)
            (rest,) = self._judge(before[still].sum(0)[None], now[still].sum(0)[None], [outer], 1, floor)
        return _Split(column, segments, rest, tuple(f"{name}={value}" for value in few), _unmixed(before, now))

    def _judge(
        self,
        before: IntArray,
        now: IntArray,
        conditions: Sequence[tuple[tuple[str, str], ...]],
        tests: int,
        floor: float,
    ) -> tuple[Segment, ...]:
        if not len(conditions):
            return ()
        samples = Samples(before.astype(np.float64), now.astype(np.float64))
        floor = max(floor, OF_LARGEST * float(total_variation(samples, Bar()).low.max()))
        result = total_variation(samples, Bar(LEVEL / max(tests, 1), floor))
        p = _holm(result.p_value, tests)
        return tuple(
            Segment(
                conditions=conditions[i],
                n_before=int(before[i].sum()),
                n_now=int(now[i].sum()),
                share_before=float(before[i].sum() / max(len(self.before), 1)),
                share_now=float(now[i].sum() / max(len(self.now), 1)),
                effect=float(result.effect[i]),
                low=float(result.low[i]),
                high=float(result.high[i]),
                p_value=float(p[i]),
                smallest=float(result.smallest[i]),
                moved=bool(p[i] <= LEVEL and result.gate[i] <= GATE),
            )
            for i in range(len(conditions))
        )

    def cell(self, column: str, value: str) -> int:
        """The cell of a value of a column."""
        return self.cuts[column].labels.index(value)


def segments(before: pa.Table, now: pa.Table, reference: Reference, feature: str, by: Sequence[str]) -> Segments:
    """Where the column `feature` moved from the rows `before` to the rows `now`, cut by the columns `by`.

    Columns are named as in `reference.binning` (`input.distance`). Categories are cut into at most 20 levels, numbers
    into quarters of the reference. Raises BadInput for a column that the reference or a table lacks, or an empty table.
    """
    if not before.num_rows or not now.num_rows:
        raise BadInput("A table has no rows.", hint="Nothing can be said of nothing.")
    search = _Search(before, now, reference, feature, by)
    whole, splits = search.whole(), search.splits()
    local = sorted((s for s in splits if s.localises), key=lambda s: s.share)
    best = local[0] if local else None
    everywhere = max((s for s in splits if s.moved), key=lambda s: s.share, default=None)
    shown = best or everywhere
    mixed = tuple(
        feature_name(s.column) for s in splits if whole.moved and not s.moved and 2 * s.unmixed <= whole.effect
    )
    found = Segments(
        feature=feature_name(feature),
        whole=whole,
        column=feature_name(shown.column) if shown else None,
        moved=_by_effect(shown.moved) if shown else (),
        still=_by_effect([s for s in shown.segments if not s.moved]) if shown else (),
        rest=shown.rest if shown else None,
        finer=_finer(search, best) if best else (),
        mix=mixed,
        too_few=tuple(name for split in splits for name in split.too_few),
        looked_at=search.looked_at,
        sentence="",
    )
    return replace(found, sentence=segments_sentence(found))


def _finer(search: _Search, best: _Split) -> tuple[Segment, ...]:
    """Segments by a second column inside each moved one that they narrow down, itself else; none if none is."""
    found: list[Segment] = []
    for segment in best.moved:
        _, value = segment.conditions[0]
        inside = search.splits(((best.column, value, search.cell(best.column, value)),))
        local = sorted((s for s in inside if s.localises), key=lambda s: s.share)
        found += local[0].moved if local else (segment,)
    return _by_effect(found) if any(len(s.conditions) > 1 for s in found) else ()


def _unmixed(before: IntArray, now: IntArray) -> float:
    """From (segments, cells) rows of both tables; segments without a row before stay as they are now."""
    within = np.where(before.sum(1, keepdims=True) > 0, before, now)
    mixed = (within / np.maximum(within.sum(1, keepdims=True), 1) * now.sum(1, keepdims=True)).sum(0)
    return float(np.abs(mixed - now.sum(0)).sum() / 2 / max(int(now.sum()), 1))


def _most(reference: Reference, column: str) -> int:
    return RANGES if hasattr(reference.binning.columns.get(column), "cuts") else LEVELS


def _by_effect(found: Sequence[Segment]) -> tuple[Segment, ...]:
    return tuple(sorted(found, key=lambda s: -s.effect))


def _holm(p: FloatArray, tests: int) -> FloatArray:
    """p-values (S,) of some of `tests` hypotheses, stepped down."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.maximum(tests - np.arange(len(p)), 1))
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected
