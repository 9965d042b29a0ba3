"""Rows of one source: checked against the schema, counted into buckets, made ready to be written.

A failed request (status 400 or more) has no inputs and no outputs. It is counted by its status and latency only: a
model that answers with errors must not look like a model whose features went missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.schema.check import check_batch
from watchkeeper.store.buckets import Bucket, Source
from watchkeeper.store.windows import Stream
from watchkeeper.tallies.binning import Binning, group_bounds
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.event_time import Timed, in_event_order
from watchkeeper.watch.registry import Watched

FAILED = 400
_GROUP_BYTES = 16 << 20
_SERVICE = ("status", "latency_us")


@dataclass(frozen=True)
class Counted:
    """Rows of one source, ready to be kept.

    `table` is what the record file will hold. `windows` are starts (Unix seconds) of the windows that the rows fall in.
    """

    source: Source
    watched: Watched
    table: pa.Table
    parts: tuple[tuple[pa.Table, IntArray], ...]
    windows: tuple[int, ...]
    stream: Stream
    skewed: int

    @property
    def answered(self) -> pa.Table:
        """The rows that did not fail, by event time."""
        return self.parts[0][0]

    def buckets(self) -> Iterator[list[Bucket]]:
        """The buckets of the rows, by time, some at a time: dense tallies of thousands are never held at once."""
        width, binning = self.watched.settings.bucket_seconds, self.watched.binning
        for table, starts in self.parts:
            bounds = group_bounds(starts)
            at_once = max(1, _GROUP_BYTES // (binning.size * 8))
            for first in range(0, len(bounds) - 1, at_once):
                some = bounds[first : first + at_once + 1]
                yield _buckets(binning, table, some, starts, width)


def count_rows(source: Source, watched: Watched, batches: list[pa.RecordBatch]) -> Counted:
    """Everything that is to be kept of `batches` (of equal schemas)."""
    timed = in_event_order(_joined(batches))
    settings = watched.settings
    starts = timed.events // 1_000_000 // settings.bucket_seconds * settings.bucket_seconds
    failed = timed.table.column("status").to_numpy() >= FAILED
    parts = _parts(timed.table, starts, failed)
    return Counted(
        source=source,
        watched=watched,
        table=_record_table(source, timed.table, _flags(watched, parts[0][0], failed)),
        parts=parts,
        windows=tuple(np.unique(starts // settings.window_seconds * settings.window_seconds).tolist()),
        stream=stream_of(source.model, timed),
        skewed=timed.skewed,
    )


def stream_of(model: str, timed: Timed) -> Stream:
    """How far these rows show the model's events to have come. A clock that runs ahead does not count."""
    believed = np.minimum(timed.events, timed.receives)
    newest = int(np.argmax(believed))
    return Stream(
        model=model,
        newest_event=believed[newest] / 1e6,
        newest_receive=timed.receives.max() / 1e6,
        lag=(timed.receives[newest] - believed[newest]) / 1e6,
    )


def _joined(batches: list[pa.RecordBatch]) -> pa.Table:
    table = pa.Table.from_batches([batch.replace_schema_metadata(None) for batch in batches])
    return table if len(batches) == 1 else table.unify_dictionaries().combine_chunks()


def _parts(table: pa.Table, starts: IntArray, failed: np.ndarray) -> tuple[tuple[pa.Table, IntArray], ...]:
    """The rows that were answered with everything, and those that failed with what the service says of them."""
    if not failed.any():
        return ((table, starts),)
    answered = table.filter(pa.array(~failed))
    errors = table.select(_SERVICE).filter(pa.array(failed))
    return (answered, starts[~failed]), (errors, starts[failed])


def _flags(watched: Watched, answered: pa.Table, failed: np.ndarray) -> pa.Array:
    flags = np.zeros(len(failed), np.uint32)
    flags[~failed] = check_batch(watched.schema, answered).flags
    return pa.array(flags)


def _record_table(source: Source, table: pa.Table, flags: pa.Array) -> pa.Table:
    for name, value in (("version", source.version), ("route", source.route)):
        table = table.append_column(name, _repeated(value, table.num_rows))
    return table.append_column("flags", flags)


def _repeated(value: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([value]))


def _buckets(binning: Binning, table: pa.Table, bounds: IntArray, starts: IntArray, width: int) -> list[Bucket]:
    first, last = int(bounds[0]), int(bounds[-1])
    tallies = binning.tally_groups(table.slice(first, last - first), bounds - first)
    rows = np.diff(bounds).tolist()
    return [
        Bucket(int(starts[place]), width, tally, count)
        for place, tally, count in zip(bounds[:-1], tallies, rows, strict=True)
    ]


def same_schema(batches: list[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """`batches` in runs that can be joined: a version's columns change type only with the gateway's version."""
    runs: list[list[pa.RecordBatch]] = []
    for batch in batches:
        for run in runs:
            if run[0].schema.equals(batch.schema):
                run.append(batch)
                break
        else:
            runs.append([batch])
    yield from runs
