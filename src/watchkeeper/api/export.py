"""Labelled data of any time, version and fault as Parquet, for training again: streamed, never whole in memory.

One row a prediction that was answered: `prediction_id`, times, `version`, `route`, the inputs as recorded (after the
privacy policies), the outputs, and what is known now: `label` with its time, source and weight, `reward`, `decision`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import Query
from starlette.responses import StreamingResponse

from watchkeeper.api.context import Context, Given
from watchkeeper.api.records import Flag, fault_bits
from watchkeeper.api.span import End, Start, moment, newest_event
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.performance.pairs import REGRESSION, REWARD
from watchkeeper.store.labelled_rows import ENVELOPE, KNOWN, RowFilter

MEDIA_TYPE = "application/vnd.apache.parquet"
_MICRO = 1_000_000
_GROUP_ROWS = 1 << 16
AnyVersion = Annotated[str | None, Query(description="A version; all if left out.", max_length=64)]
Labelled = Annotated[bool, Query(description="Only rows that have a label now.")]


def export(
    context: Given,
    model: str,
    *,
    start: Start = None,
    end: End = None,
    version: AnyVersion = None,
    flag: Flag = None,
    labelled: Labelled = False,
) -> StreamingResponse:
    """Inputs, outputs and labels as one Parquet file, for training again. Without a span: everything that is kept."""
    chunks = parquet_of(context, model, start=start, end=end, version=version, flag=flag, labelled=labelled)
    name = quote(f"{model}.parquet")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(chunks, media_type=MEDIA_TYPE, headers=headers)


def parquet_of(
    context: Context,
    model: str,
    *,
    start: str | None = None,
    end: str | None = None,
    version: str | None = None,
    flag: str | None = None,
    labelled: bool = False,
) -> Iterator[bytes]:
    """The file in pieces. What is wrong with the request is raised at once, before the first piece."""
    task = context.store.versions.model(model).task
    wanted = _wanted(context, model, start=start, end=end, version=version, flag=flag, labelled=labelled)
    columns = context.store.labelled_rows.columns(model, wanted)
    numeric = task in (REGRESSION, REWARD)
    parts = context.store.labelled_rows.parts(model, wanted, columns, numeric=numeric)
    first = next(parts, None)
    if first is None:
        raise NotFound(
            f"Model {model!r} has no such rows.",
            hint="Ask for another time, version or fault, or for rows without labels too; records expire.",
        )
    return _written(_schema(columns, numeric=numeric), first, parts)


def _wanted(
    context: Context,
    model: str,
    *,
    start: str | None,
    end: str | None,
    version: str | None,
    flag: str | None,
    labelled: bool,
) -> RowFilter:
    if version is not None:
        context.store.versions.version(model, version)
    first, last = moment(start, "start") or 0.0, moment(end, "end")
    if last is None:
        last = newest_event(context, context.version(model)) + 1
    if first >= last:
        raise BadInput("start must be before end.")
    return RowFilter(
        start=round(first * _MICRO),
        end=round(last * _MICRO),
        version=version,
        flags=fault_bits(flag),
        labelled=labelled,
    )


def _schema(columns: dict[str, pa.DataType], *, numeric: bool) -> pa.Schema:
    label = pa.float64() if numeric else pa.string()
    return pa.schema({**ENVELOPE, **columns, "label": label, **KNOWN})


def _written(schema: pa.Schema, first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[bytes]:
    """Row groups as they fill, then the footer; at most one group is in memory."""
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd", use_dictionary=_texts(schema)) as writer:
        waiting, rows = [first], first.num_rows
        for part in rest:
            waiting.append(part)
            rows += part.num_rows
            if rows >= _GROUP_ROWS:
                writer.write_table(pa.concat_tables(waiting).cast(schema))
                yield sink.taken()
                waiting, rows = [], 0
        if waiting:
            writer.write_table(pa.concat_tables(waiting).cast(schema))
    yield sink.taken()


def _texts(schema: pa.Schema) -> list[str]:
    unique = ("prediction_id", "request_id")
    return [field.name for field in schema if pa.types.is_string(field.type) and field.name not in unique]


class _Sink(io.RawIOBase):
    """A file to write to, from which what was written can be taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._pieces.append(piece)
        self._place += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._place

    def taken(self) -> bytes:
        """What came since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
