"""Recorded rows with what is known of each now: its label, reward and decision. A part at a time, oldest day first.

Labels are joined as they stand: a correction has already taken the place of what it corrected. The files of one day
are opened together before any is read, so a merge in between takes nothing away; where one is gone already, the day is
listed anew. A file that cannot be read ends the reading: rows to learn from must not be missing without a word.

Rows can be thinned by a checksum of their prediction ID, before anything is looked up: the same rows are left whatever
file they lie in, and of two powers of two the larger leaves a part of what the smaller does.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from watchkeeper.events.errors import Unavailable
from watchkeeper.events.inference import INPUT, OUTPUT, TIMESTAMP
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.schema.outputs import label_text
from watchkeeper.store.database import Database, listed
from watchkeeper.store.records import INFERENCE, RecordFile, Records
from watchkeeper.store.tables import labels

ROWS_AT_ONCE = 1 << 15
_TRIES = 3
_FAILED = 400
ENVELOPE = {
    "prediction_id": pa.string(),
    "request_id": pa.string(),
    "event_time": TIMESTAMP,
    "receive_time": TIMESTAMP,
    "version": pa.string(),
    "route": pa.string(),
    "flags": pa.int64(),
}
KNOWN = {
    "label_time": TIMESTAMP,
    "label_arrived": TIMESTAMP,
    "label_source": pa.string(),
    "label_revision": pa.int32(),
    "weight": pa.float64(),
    "reward": pa.float64(),
    "decision": pa.string(),
}
"""What stands beside `label`; see `LabelledRows.parts`."""


class RowFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows: event time in [start, end) (Unix microseconds), answered ones only.

    `flags` keeps rows with any of its fault bits; `labelled` only those that have a label now; `one_in` about one row
    in so many (see `thinned`).
    """

    start: int
    end: int
    version: str | None = None
    route: str | None = None
    flags: int = 0
    labelled: bool = False
    one_in: int = 1


class LabelledRows:
    """Reads the record files and the labels of one data directory."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database, self._records = database, records

    def columns(self, model: str, wanted: RowFilter) -> dict[str, pa.DataType]:
        """The inputs and outputs that rows in this time have, by `input.…` and `output.…`; texts where types differ."""
        found: dict[str, pa.DataType] = {}
        for day, files in self._days(model, wanted).items():
            with contextlib.ExitStack() as stack:
                for file in self._opened(stack, model, day, files):
                    for field in file.schema_arrow:
                        if field.name.startswith((INPUT, OUTPUT)):
                            found[field.name] = _common(found.get(field.name), _plain(field.type))
        return dict(sorted(found.items()))

    def parts(
        self, model: str, wanted: RowFilter, columns: dict[str, pa.DataType], *, numeric: bool = False
    ) -> Iterator[pa.Table]:
        """Tables of at most 32,768 rows: ENVELOPE, `columns` (missing ones null), `label`, KNOWN.

        `label` is a number if `numeric`, else a text. `weight` is how many predictions a labelled row stands for.
        Raises Unavailable where a file cannot be read.
        """
        for part in _gathered(self.answers(model, wanted, columns)):
            joined = self._joined(model, part, numeric=numeric)
            kept = joined.filter(joined.column("label").is_valid()) if wanted.labelled else joined
            if kept.num_rows:
                yield kept

    def answers(self, model: str, wanted: RowFilter, columns: dict[str, pa.DataType]) -> Iterator[pa.Table]:
        """Tables as of `parts`, but ENVELOPE and `columns` alone: what came back for the rows is not looked up.

        Raises Unavailable where a file cannot be read.
        """
        for day, files in self._days(model, wanted).items():
            with contextlib.ExitStack() as stack:
                for file in self._opened(stack, model, day, files):
                    yield from _of_file(file, wanted, columns)

    def _joined(self, model: str, rows: pa.Table, *, numeric: bool) -> pa.Table:
        ids = rows.column("prediction_id")
        known = self._known(model, ids.to_pylist())
        truth, reward, decision = (_aligned(known, kind, ids) for kind in KINDS)
        label = truth["number"] if numeric else _texts(truth)
        weight = pc.if_else(label.is_valid(), pc.divide(1.0, pc.fill_null(truth["probability"], 1.0)), None)
        columns = {
            "label": label,
            "label_time": truth["event_time"].cast(TIMESTAMP),
            "label_arrived": truth["arrived_at"].cast(TIMESTAMP),
            "label_source": truth["source"],
            "label_revision": truth["revision"].cast(pa.int32()),
            "weight": weight.cast(pa.float64()),
            "reward": reward["number"],
            "decision": _texts(decision),
        }
        for name, column in columns.items():
            rows = rows.append_column(name, column)
        return rows

    def _known(self, model: str, ids: Sequence[str]) -> pa.Table:
        c = labels.c
        query = sa.select(*(c[name] for name in _LABELS.names)).where(
            c.model == model, c.prediction_id.in_(listed(ids))
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        columns = list(zip(*rows, strict=True)) or [()] * len(_LABELS)
        arrays = [pa.array(list(values), field.type) for values, field in zip(columns, _LABELS, strict=True)]
        return pa.Table.from_arrays(arrays, schema=_LABELS)

    def _days(self, model: str, wanted: RowFilter) -> dict[str, list[RecordFile]]:
        """The files of each day, oldest first."""
        days: dict[str, list[RecordFile]] = {}
        for file in self._records.files(model, start=wanted.start, end=wanted.end):
            days.setdefault(file.day, []).append(file)
        return {day: sorted(days[day], key=lambda file: file.path) for day in sorted(days)}

    def _opened(
        self, stack: contextlib.ExitStack, model: str, day: str, files: Sequence[RecordFile]
    ) -> list[pq.ParquetFile]:
        """The `files` of one day, all open at once; where one is gone, those that are there now."""
        for attempt in range(_TRIES):
            if attempt:
                files = self._records.of_day(INFERENCE, model, day)
            try:
                with contextlib.ExitStack() as opening:
                    opened = [opening.enter_context(pq.ParquetFile(self._records.path(file))) for file in files]
                    stack.push(opening.pop_all())
                    return opened
            except FileNotFoundError as error:  # merged into another since it was listed
                if attempt == _TRIES - 1:
                    raise Unavailable(f"Records of {day} were being merged.", hint="Ask again.") from error
            except (OSError, pa.ArrowException) as error:
                raise Unavailable(
                    f"Records of {day} cannot be read: {error}.",
                    hint="Restore them from a backup, or leave that day out.",
                ) from error
        return []


KINDS = ("label", "reward", "decision")
_LABELS = pa.schema(
    {
        "prediction_id": pa.string(),
        "kind": pa.string(),
        "number": pa.float64(),
        "text": pa.string(),
        "event_time": pa.int64(),
        "arrived_at": pa.int64(),
        "source": pa.string(),
        "probability": pa.float64(),
        "revision": pa.int64(),
    }
)


def thinned(prediction_ids: pa.ChunkedArray, one_in: int) -> BoolArray:
    """Which rows (n,) are left of about `one_in`: those whose ID's CRC-32 it divides."""
    return np.array([zlib.crc32(name) % one_in == 0 for name in prediction_ids.cast(pa.binary()).to_pylist()], bool)


def _gathered(parts: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Small `parts` put together to at most ROWS_AT_ONCE rows, so that little is looked up often."""
    held: list[pa.Table] = []
    rows = 0
    for part in parts:
        if held and rows + part.num_rows > ROWS_AT_ONCE:
            yield pa.concat_tables(held)
            held, rows = [], 0
        held.append(part)
        rows += part.num_rows
    if held:
        yield pa.concat_tables(held)


def _of_file(file: pq.ParquetFile, wanted: RowFilter, columns: dict[str, pa.DataType]) -> Iterator[pa.Table]:
    """The rows wanted of one file, ENVELOPE and `columns`; a part at a time, none of them empty."""
    there = set(file.schema_arrow.names)
    names = [name for name in (*ENVELOPE, "status", *columns) if name in there]
    try:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=names, use_threads=False):  # with them, thrice the work
            table = pa.table(batch)
            table = table.filter(_mask(table, wanted))
            if table.num_rows:
                yield _shaped(table, {**ENVELOPE, **columns})
    except (OSError, pa.ArrowException) as error:
        raise Unavailable(
            f"A record file cannot be read: {error}.", hint="Restore it from a backup, or ask for another time."
        ) from error


def _mask(table: pa.Table, wanted: RowFilter) -> pa.ChunkedArray:
    times = table.column("event_time").cast(pa.int64())
    mask = pc.and_(pc.greater_equal(times, wanted.start), pc.less(times, wanted.end))
    mask = pc.and_(mask, pc.less(table.column("status"), _FAILED))
    for name in ("version", "route"):
        value = getattr(wanted, name)
        if value is not None:
            mask = pc.and_(mask, pc.equal(table.column(name).cast(pa.string()), value))
    if wanted.flags:
        bits = pc.bit_wise_and(table.column("flags").cast(pa.int64()), wanted.flags)
        mask = pc.and_(mask, pc.not_equal(bits, 0))
    if wanted.one_in > 1:
        mask = pc.and_(mask, pa.array(thinned(table.column("prediction_id"), wanted.one_in)))
    return mask


def _shaped(table: pa.Table, columns: dict[str, pa.DataType]) -> pa.Table:
    """`table` with exactly `columns`, in that order."""
    there = set(table.column_names)
    arrays: list[Any] = [
        table.column(name).cast(kind) if name in there else pa.nulls(table.num_rows, kind)
        for name, kind in columns.items()
    ]
    return pa.table(arrays, names=list(columns))


def _aligned(known: pa.Table, kind: str, ids: pa.ChunkedArray) -> pa.Table:
    """What is known of this kind of each of `ids`, null where nothing is."""
    these = known.filter(pc.equal(known["kind"], kind))
    return these.take(pc.index_in(ids, value_set=these["prediction_id"].combine_chunks()))


def _texts(rows: pa.Table) -> pa.ChunkedArray:
    """What each row says, as text."""
    said = [
        text if text is not None or number is None else label_text(number)
        for number, text in zip(rows["number"].to_pylist(), rows["text"].to_pylist(), strict=True)
    ]
    return pa.chunked_array([pa.array(said, pa.string())])


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _common(one: pa.DataType | None, other: pa.DataType) -> pa.DataType:
    """A type that holds both; text where there is no other."""
    if one is None or one == other or pa.types.is_null(other):
        return other if one is None else one
    if pa.types.is_null(one):
        return other
    try:
        fields = [pa.schema([pa.field("column", kind)]) for kind in (one, other)]
        return pa.unify_schemas(fields, promote_options="permissive").field("column").type
    except pa.ArrowException:
        return pa.string()
