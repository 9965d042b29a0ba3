"""Estimated performance of recorded windows, to stand beside what labels say of them later.

What scores mean is learned anew for each run of four windows, from labels of windows that were mature before the run
began, by how labels came in the windows before it; never from a window's own labels, nor from any later window's. A
window's own scores are counted from the records. Of the windows taught by, labels are taken as they stand now,
corrections included.

Nothing here says that an estimate is right: where the relation of inputs and truth changed it is wrong. The record
(performance/track_record.py) scores the estimates of the windows asked for against their labels, where they are mature.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pyarrow as pa

from watchkeeper.api.context import Context
from watchkeeper.api.span import Span
from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.events.inference import OUTPUT
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.estimate import LEAST_ROWS, Estimator, estimator
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.track_record import Scored, TrackRecord, track_record
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.labelled_rows import RowFilter
from watchkeeper.store.versions import Version
from watchkeeper.tallies.tally import IntArray

MOST_PREDICTIONS = 2_000_000
MOST_CLASSES = 10
TAUGHT = 40
"""So many windows, the newest that are mature, teach what scores mean."""
RUN = 4
LEAST_WINDOWS, LEAST_LABELS = 8, 2_000
METHOD = "confidence"
_MICRO = 1_000_000


@dataclass(frozen=True)
class Estimates:
    """Estimated metrics by start of window, what was `usual` before the first of them, and why some or all lack."""

    windows: Mapping[int, dict[str, Metric]] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, eq=False)
class _Counted:
    """Counts of labels and of scores (`said`) by start of window; `now` is when they are looked at (Unix seconds)."""

    found: LabelledWindows
    layout: Layout
    said: Mapping[int, IntArray]
    now: float

    def taught_by(self, start: int) -> list[int]:
        """The windows that were mature at `start`, oldest first; none where they are too few."""
        width = self.found.width
        before = tuple(one for one in self.found.starts if one + width <= start)
        known = dataclasses.replace(self.found, starts=before)
        learned = known.learned(self.now)
        mature = [
            one
            for one in before
            if self.found.at(one).counts is not None and known.maturity(learned, one, float(start)).mature
        ][-TAUGHT:]
        rows = [self.found.at(one).rows for one in mature]
        enough = sum(n >= LEAST_ROWS for n in rows) >= LEAST_WINDOWS or sum(rows) >= LEAST_LABELS
        return mature if enough else []

    def labels(self, taught: Sequence[int]) -> IntArray:
        """(K, size) tallies of these windows' labels."""
        return np.stack([counts for one in taught if (counts := self.found.at(one).counts) is not None])

    def estimator(self, taught: Sequence[int]) -> Estimator | None:
        """Learned from these windows, None of none; how they differ too, where the scores of all are recorded."""
        if not taught:
            return None
        counts, cells = self.labels(taught), self.layout.cells
        total = counts.sum(0)
        worth = float(cells.effective(total)) / max(float(cells.weight(total)), 1e-9)
        said = [self.said[one] for one in taught if one in self.said]
        return estimator(self.layout, counts, said if len(said) == len(taught) else (), worth=worth)


def estimates(
    context: Context, version: Version, found: LabelledWindows, when: Span, *, now: float, route: str | None
) -> Estimates:
    """Estimated metrics of the windows of `found` that start in `when`; a note says why there are none."""
    fault = _unfit(found.layout)
    if fault or found.layout is None:
        return Estimates(note=fault)
    read = _reading(found, when)
    if read is None:
        return Estimates(note=f"Beyond {MOST_PREDICTIONS:,} predictions nothing is estimated: ask for a shorter span.")
    try:
        said = _said(context, version, found.layout, read, width=found.width, route=route)
    except (BadInput, Unavailable) as error:
        return Estimates(note=str(error))
    return _estimated(_Counted(found, found.layout, said, now), when)


def record(
    scored: Sequence[tuple[Mapping[str, Metric], Mapping[str, Metric], float]], usual: Mapping[str, float]
) -> dict[str, TrackRecord]:
    """The record of each metric from mature windows: what was estimated, what labels showed, and their coverage."""
    names = dict.fromkeys(name for guessed, _, _ in scored for name in guessed if name in usual)
    return {
        name: track_record(
            METHOD,
            name,
            [
                Scored(estimated=guessed[name], realised=real[name], labelled=min(coverage, 1.0))
                for guessed, real, coverage in scored
                if name in guessed and name in real
            ],
            usual[name],
        )
        for name in names
    }


def _unfit(layout: Layout | None) -> str:
    """Why nothing can be estimated of any window; empty where it can."""
    if layout is None:
        return "No label has come for this version: what its scores mean is not known."
    if not isinstance(layout, BinaryLayout | MulticlassLayout):
        return f"A {layout.kind} model gives no probabilities; only a classifier's scores are estimated from here."
    if len(layout.classes) > MOST_CLASSES:
        return f"Estimates are made of up to {MOST_CLASSES} classes; this model has {len(layout.classes)}."
    return ""


def _reading(found: LabelledWindows, when: Span) -> Span | None:
    """The windows asked for, and as many before them to learn from as the limit lets; None where they are too many."""
    rows = sum(n for start, n in found.predictions.items() if when.start <= start < when.end)
    if rows > MOST_PREDICTIONS:
        return None
    first = when.start
    for start in sorted((one for one in found.starts if one < when.start), reverse=True)[: 2 * TAUGHT]:
        rows += found.predictions.get(start, 0)
        if rows > MOST_PREDICTIONS:
            break
        first = start
    return Span(start=first, end=when.end)


def _said(
    context: Context, version: Version, layout: Layout, read: Span, *, width: int, route: str | None
) -> dict[int, IntArray]:
    """Counts of scores by start of window, from one pass over the outputs recorded in the span."""
    rows = context.store.labelled_rows
    wanted = RowFilter(start=read.start * _MICRO, end=read.end * _MICRO, version=version.version, route=route)
    there = rows.columns(version.model, wanted)
    columns = {name: kind for name, kind in there.items() if name.startswith(OUTPUT)}
    found: dict[int, IntArray] = {}
    for part in rows.answers(version.model, wanted, columns):
        nothing = pa.array([layout.classes[0]] * part.num_rows)
        pairs, good, _ = Pairs.sift(version.task, layout.classes, part.select(list(columns)), nothing)
        starts = part["event_time"].cast(pa.int64()).to_numpy()[good] // (width * _MICRO) * width
        for start in np.unique(starts).tolist():
            counts = said_counts(layout, pairs.take(starts == start))
            found[start] = found[start] + counts if start in found else counts
    return found


def _estimated(counted: _Counted, when: Span) -> Estimates:
    windows: dict[int, dict[str, Metric]] = {}
    usual: dict[str, float] = {}
    asked = [start for start in counted.found.starts if when.start <= start < when.end]
    run = RUN * counted.found.width
    for begins, own in groupby((one for one in asked if one in counted.said), lambda start: start // run * run):
        taught = counted.taught_by(begins)
        learned = counted.estimator(taught)
        if learned is not None:
            windows |= {start: _whole(learned.metrics(counted.said[start])) for start in own}
            usual = usual or _values(metrics(counted.layout, counted.labels(taught).sum(0)))
    return Estimates(windows, usual, _lacking(len(windows), len(asked)))


def _whole(found: Mapping[str, Metric]) -> dict[str, Metric]:
    """Metrics of the whole model, not those of its classes."""
    return {name: one for name, one in found.items() if "[" not in name}


def _values(found: Mapping[str, Metric]) -> dict[str, float]:
    return {name: one.value for name, one in found.items() if one.value is not None}


def _lacking(estimated: int, asked: int) -> str:
    if estimated == asked:
        return ""
    return (
        f"{asked - estimated} of {asked} windows have no estimate: their records are not kept, or fewer than "
        f"{LEAST_WINDOWS} windows of {LEAST_ROWS} labels, or {LEAST_LABELS:,} labels, were mature before them."
    )
