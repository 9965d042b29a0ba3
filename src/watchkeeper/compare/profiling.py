"""One table as a reference: on bins of its own, or on those of another."""

from __future__ import annotations

from typing import Any

from watchkeeper.compare.meter import Meter, Progress
from watchkeeper.compare.sides import Shape, opened, shape_of
from watchkeeper.compare.tables import columns_apart, fields_of, rows_of, side_by_side
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.joining import join_columns
from watchkeeper.reference.reference import Reference
from watchkeeper.reference.rows import RowSample, sample_size, sampled_rows
from watchkeeper.reference.streaming import Clock, compile_stream, tally_buckets, tally_stream
from watchkeeper.schema.source import Source
from watchkeeper.tallies.tally import add_up

_STAGE = "reading the table"


def profiled(data: Any, time: str | None, progress: Progress | None) -> Reference:
    """`data` on bins that it chooses itself. Raises BadInput where there is nothing to count."""
    source, shape = _rows_only(data, time)
    watched = [name for name in shape.names if name != time and name not in shape.unwatchable]
    if not watched:
        raise BadInput("No column can be profiled.", hint=f"The table has {shape.listed}.")
    meter = Meter(progress, source.rows * len(watched) * (2 if time is None else 3))
    wanted = sampled_rows(source.rows, sample_size(len(watched)))

    def count(names: list[str]) -> tuple[Reference, RowSample]:
        sample = RowSample(fields_of(source, names), wanted)
        clock = None if time is None else Clock(time)
        return compile_stream(rows_of(source, names), clock=clock, sample=sample, tell=meter.tell(_STAGE)), sample

    parts = columns_apart(count, watched, apart=source.apart)
    rows = side_by_side([sample.table() for _, sample in parts], watched)
    return join_columns([reference for reference, _ in parts], watched, rows)


def counted_like(like: Reference, data: Any, time: str | None, progress: Progress | None) -> Reference:
    """`data` on the bins of `like`. A column that it lacks, or whose name repeats, is refused: nothing would add up."""
    source, shape = _rows_only(data, time)
    names = [feature.name for feature in like.schema.features]
    lacking = [name for name in names if name not in shape.names]
    if lacking:
        raise BadInput(
            f"The table has no column {lacking[0]!r}, which the profile has.", hint=f"It has {shape.listed}."
        )
    if (time is None) != (like.block_width is None):
        wanted = "has no time column: leave `--time` out" if time else "has time: name the time column with `--time`"
        raise BadInput(f"The profile to be like {wanted}.")
    meter = Meter(progress, source.rows * len(names))
    rows, binning = rows_of(source, names), like.binning
    blocks = (
        {}
        if time is None or like.block_width is None
        else tally_buckets(rows, binning, time, like.block_width, tell=meter.tell(_STAGE))
    )
    whole = (
        tally_stream(rows, binning, tell=meter.tell(_STAGE))
        if time is None
        else add_up(blocks.values(), binning.size, binning.extremes)
    )
    return Reference(
        schema=like.schema,
        binning=binning,
        whole=whole,
        rows=source.rows,
        task=like.task,
        classes=like.classes,
        block_width=like.block_width,
        block_starts=tuple(key * (like.block_width or 1) for key in blocks),
        blocks=tuple(blocks.values()),
        dependence=like.dependence,
    )


def _rows_only(data: Any, time: str | None) -> tuple[Source, Shape]:
    source = opened(data)
    if isinstance(source, Reference):
        raise BadInput("This is a profile already.", hint="`watchkeeper profile merge` adds profiles.")
    if source.rows == 0:
        raise BadInput("The table has no rows.", hint="Nothing can be said of nothing.")
    shape = shape_of(source)
    if time is not None and time not in shape.names:
        raise BadInput(f"The table has no column {time!r} for the time.", hint=f"It has {shape.listed}.")
    return source, shape
