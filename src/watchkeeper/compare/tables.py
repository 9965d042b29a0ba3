"""Two tables brought onto one set of bins: the reference chooses, both are counted, and what does not fit is told.

Tables of any size: both are read in batches (schema/source.py), several times if need be, and the columns are shared
out among the processors, for no column needs another. What is kept are tallies and a fixed sample of the rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa

from watchkeeper.compare.derived import derived
from watchkeeper.compare.meter import Meter, Progress
from watchkeeper.compare.odd import odd_columns
from watchkeeper.compare.sides import Shape, Side, opened, shape_of
from watchkeeper.detectors.embedding.registry import Asked
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.monitors.policy import refuse_weights
from watchkeeper.reference.joining import join_columns
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.reference.rows import RowSample, sample_size, sampled_rows
from watchkeeper.reference.streaming import Clock, Rows, compile_stream, tally_stream
from watchkeeper.schema.numbers import as_floats
from watchkeeper.schema.source import Source
from watchkeeper.tallies.tally import IntArray, Tally

_SHARE, _WIDE_SHARE = 64, 256
Part = TypeVar("Part")


@dataclass(frozen=True)
class Sides:
    """Both tables as tallies over the reference's bins.

    `rows` are the current table's; `seconds` the time it spans, None where rows are to be taken as exchangeable.
    `samples` are rows of the reference and of the current table (named as columns of the binning), chosen by position,
    None where a profile stands for the rows. `score` is the column key of the model's own score, `importance` the
    weights of features, where they were given. `notes` say which columns stand for others.
    """

    reference: Reference
    current: Tally
    rows: int
    seconds: float | None
    odd: tuple[Finding, ...]
    samples: tuple[pa.Table | None, pa.Table | None] = (None, None)
    score: str | None = None
    importance: Mapping[str, float] | None = None
    notes: tuple[str, ...] = ()

    @property
    def common(self) -> tuple[str, ...]:
        """Column keys (`input.x`) that both tables have."""
        lacking = {finding.column for finding in self.odd}
        return tuple(name for name in self.reference.binning.columns if name not in lacking)


def two_sides(
    reference: Any,
    current: Any,
    time: str | None,
    *,
    score: str | None = None,
    importance: Mapping[str, float] | None = None,
    embed: Mapping[str, Asked] | None = None,
    progress: Progress | None = None,
) -> Sides:
    """Read, compile and count both tables.

    Raises BadInput for no table, an empty one, no column in common, or a weight that is not above 0.
    """
    sides = opened(reference), opened(current)
    refuse_weights(importance or {})
    _refuse_empty(*sides)
    before, now, notes = derived(*sides, embed)
    shapes = shape_of(before), shape_of(now)
    for side, shape, name in zip((before, now), shapes, ("reference", "current"), strict=True):
        _refuse_time(side, shape, name, time)
    _refuse_unknown(shapes[0], [name for name in (score, *(importance or {})) if name is not None])
    left_out = () if time is None else (time,)
    taken = {*left_out, *shapes[0].unwatchable, *shapes[1].repeated}
    watched = [name for name in shapes[0].names if name not in taken]
    if not set(watched) & set(shapes[1].names):
        raise BadInput(
            "The two tables have no column in common.",
            hint=f"The reference has {shapes[0].listed}; the current table has {shapes[1].listed}.",
        )
    counted = _counted(before, now, watched, time, progress)
    return Sides(
        reference=counted.reference,
        current=counted.current,
        rows=now.rows,
        seconds=_seconds(before, now, time),
        odd=odd_columns(*shapes, left_out),
        samples=counted.samples,
        score=None if score is None else INPUT + score,
        importance=importance,
        notes=notes,
    )


class Counted(NamedTuple):
    """Both sides over one binning, and rows of either."""

    reference: Reference
    current: Tally
    samples: tuple[pa.Table | None, pa.Table | None]


def _counted(before: Side, now: Side, watched: list[str], time: str | None, progress: Progress | None) -> Counted:
    if isinstance(before, Reference) and isinstance(now, Reference):
        if before.binning.digest != now.binning.digest:
            raise BadInput("These profiles were counted on different bins.", hint=_LIKE)
        return Counted(before, now.whole, (None, None))
    if isinstance(now, Reference):
        raise BadInput("A profile can stand for the current table only beside a profile it was made like.", hint=_LIKE)
    if isinstance(before, Reference):
        current, sample = _count_current(before, now, progress)
        return Counted(before, current, (None, sample))
    return _count_both(before, now, watched, time, progress)


_LIKE = "Build a profile of the reference first, then the other with `watchkeeper profile build --like` of that one."


def _count_current(reference: Reference, now: Source, progress: Progress | None) -> tuple[Tally, pa.Table]:
    """The current table on bins that were chosen elsewhere."""
    names = [name for name in now.fields.names if INPUT + name in reference.binning.columns]
    meter = Meter(progress, now.rows * len(names))
    sample = RowSample(fields_of(now, names), sampled_rows(now.rows, sample_size(len(names))))
    tally = tally_stream(
        rows_of(now, names), reference.binning, sample=sample, tell=meter.tell("counting the current table")
    )
    return tally, prefixed(sample.table(), INPUT)


@dataclass(frozen=True)
class _Work:
    """What every share of the columns needs."""

    before: Source
    now: Source
    clock: Clock | None
    sampled: tuple[IntArray, IntArray]
    meter: Meter

    def count(self, names: Sequence[str]) -> tuple[Reference, Tally, tuple[pa.Table, pa.Table]]:
        """Some columns of both tables."""
        before = rows_of(self.before, names)
        samples = RowSample(before.fields, self.sampled[0]), RowSample(fields_of(self.now, names), self.sampled[1])
        reference = compile_stream(
            before, clock=self.clock, sample=samples[0], tell=self.meter.tell("reading the reference")
        )
        tally = tally_stream(
            rows_of(self.now, names),
            reference.binning,
            sample=samples[1],
            tell=self.meter.tell("counting the current table"),
        )
        return reference, tally, (samples[0].table(), samples[1].table())


def _count_both(
    before: Source, now: Source, watched: list[str], time: str | None, progress: Progress | None
) -> Counted:
    """Both tables over the reference's bins, a share of the columns at a time."""
    most = sample_size(len(watched))
    work = _Work(
        before,
        now,
        None if time is None else Clock(time),
        (sampled_rows(before.rows, most), sampled_rows(now.rows, most)),
        Meter(progress, (before.rows * (2 if time is None else 3) + now.rows) * len(watched)),
    )
    parts = columns_apart(work.count, watched, apart=before.apart and now.apart)
    samples = [side_by_side([part[2][side] for part in parts], watched) for side in (0, 1)]
    reference = join_columns([part[0] for part in parts], watched, samples[0])
    current = reference.binning.gather((part[0].binning, part[1]) for part in parts)
    return Counted(reference, current, (prefixed(samples[0], INPUT), prefixed(samples[1], INPUT)))


def columns_apart(count: Callable[[list[str]], Part], names: list[str], *, apart: bool) -> list[Part]:
    """`count` run on shares of the columns: by all processors if the columns can be read `apart`, else one by one."""
    threads = min(os.cpu_count() or 1, len(names)) if apart else 1
    number = max(threads, -(-len(names) // (_SHARE if apart else _WIDE_SHARE)))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(count, [names[first::number] for first in range(number)]))


def side_by_side(parts: Sequence[pa.Table], order: Sequence[str]) -> pa.Table:
    """The columns of all parts as one table, those of `order` that there are."""
    columns = {name: part.column(name) for part in parts for name in part.column_names}
    return pa.table({name: columns[name] for name in order if name in columns})


def rows_of(source: Source, names: Sequence[str]) -> Rows:
    """The columns `names` of the source that it has, to be read."""
    return Rows(source.batches, fields_of(source, names), source.rows)


def fields_of(source: Source, names: Sequence[str]) -> pa.Schema:
    """The fields of `names` that the source has."""
    return pa.schema([source.fields.field(name) for name in names if name in source.fields.names])


# ---------------------------------------------------------------------------------------------------------- refusing
def _refuse_empty(before: Side, now: Side) -> None:
    for name, side in (("reference", before), ("current table", now)):
        if side.rows == 0:
            raise BadInput(f"The {name} has no rows.", hint="Nothing can be said of nothing.")


def _refuse_time(side: Side, shape: Shape, name: str, time: str | None) -> None:
    if time is None:
        return
    if isinstance(side, Reference):
        if not side.blocks:
            raise BadInput(f"The {name} profile was built without a time column.", hint="Build it with `--time`.")
    elif time not in shape.names:
        raise BadInput(f"The {name} table has no column {time!r} for the time.", hint=f"It has {shape.listed}.")


def _refuse_unknown(shape: Shape, asked: Sequence[str]) -> None:
    unknown = [name for name in asked if name not in shape.names]
    if unknown:
        raise BadInput(f"The reference has no column {unknown[0]!r}.", hint=f"It has {shape.listed}.")


# -------------------------------------------------------------------------------------------------------------- time
def _seconds(before: Side, now: Side, time: str | None) -> float | None:
    """The time that the current table spans; None where rows are exchangeable."""
    if isinstance(now, Reference):
        both = isinstance(before, Reference) and bool(before.blocks and now.blocks)
        return float(now.block_starts[-1] - now.block_starts[0]) if both else None
    if time is None:
        return None
    low, high = np.inf, -np.inf
    for batch in now.batches([time]):
        seconds, _, _ = as_floats(batch.column(time))
        if not np.isfinite(seconds).all():
            raise BadInput(f"The column {time!r} of the current table has rows without a readable time.")
        low, high = min(low, seconds.min(initial=np.inf)), max(high, seconds.max(initial=-np.inf))
    return float(high - low)
