"""Parquet files read by row groups and columns: one file, or all files of a directory as one table.

Only the pages in hand are in memory: no row group is read ahead. Text that a file keeps as a dictionary stays one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.source import unique_fields
from watchkeeper.schema.table import unreadable, without_views

BATCH_ROWS = 1 << 17
PAGE_BUFFER = 1 << 20
_REPEATS = 3.0  # bytes a value: text that takes less is kept as a dictionary in the file


class ParquetSource:
    """One or more files with the same columns, or nearly: a column that a file lacks is missing in its rows."""

    apart = True

    def __init__(self, paths: Sequence[Path], batch_rows: int = BATCH_ROWS) -> None:
        self._paths, self._batch_rows = tuple(paths), batch_rows
        opened = [_opened(path) for path in self._paths]
        merged = reduce(_joined, (file.schema_arrow for file in opened))
        self.fields, self.repeated = unique_fields(merged)
        self.rows: int = sum(file.metadata.num_rows for file in opened)
        self.bytes = max(
            sum(_bytes(file.metadata) for file in opened),
            self.rows * 8 * len(self.fields),
        )
        self._texts = _kept_as_dictionary(opened, self.fields)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        wanted = pa.schema([self.fields.field(name) for name in columns])
        for path in self._paths:
            file = _opened(path, [name for name in columns if name in self._texts])
            there = [name for name in columns if name in file.schema_arrow.names]
            try:
                for batch in file.iter_batches(self._batch_rows, columns=there, use_threads=False):
                    yield _shaped(without_views(pa.Table.from_batches([batch])), wanted, batch.num_rows)
            except (pa.ArrowException, OSError) as error:
                raise unreadable(path, error) from error


def parquet_files(folder: Path) -> list[Path]:
    """The Parquet files in `folder` and below, by name; hidden ones and those of job logs (`_…`) left out."""
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".parquet", ".pq")
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )
    if not found:
        raise BadInput(f"There is no Parquet file in {folder}.", hint="Give a file, or a folder of .parquet files.")
    return found


def _opened(path: Path, dictionaries: Sequence[str] = ()) -> Any:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", hint="Check the path.")
    try:
        return pq.ParquetFile(path, read_dictionary=list(dictionaries), buffer_size=PAGE_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(path, error) from error


def _bytes(metadata: Any) -> int:
    return sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))


def _kept_as_dictionary(files: Sequence[Any], fields: pa.Schema) -> frozenset[str]:
    """Text columns whose values repeat so much that every file keeps them as a dictionary and indices."""
    size: dict[str, int] = {}
    rows: dict[str, int] = {}
    for metadata in (file.metadata for file in files):
        for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
            for chunk in (group.column(i) for i in range(group.num_columns)):
                size[chunk.path_in_schema] = size.get(chunk.path_in_schema, 0) + chunk.total_uncompressed_size
                rows[chunk.path_in_schema] = rows.get(chunk.path_in_schema, 0) + chunk.num_values
    texts = [
        field.name
        for field in fields
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        if all(
            field.name in f.schema_arrow.names and f.schema_arrow.field(field.name).type == field.type for f in files
        )
    ]
    return frozenset(name for name in texts if rows.get(name, 0) and size[name] < _REPEATS * rows[name] + PAGE_BUFFER)


def _joined(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """All columns of both; where types differ, the wider number, or else text."""
    if one.equals(other):
        return one
    try:
        return pa.unify_schemas([one.remove_metadata(), other.remove_metadata()], promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        kinds: dict[str, pa.DataType] = {}
        for field in (*one, *other):
            kinds[field.name] = _wider(kinds.get(field.name, field.type), field.type)
        return pa.schema(list(kinds.items()))


def _wider(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    fields = [pa.schema([("x", one)]), pa.schema([("x", other)])]
    try:
        return pa.unify_schemas(fields, promote_options="permissive").field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()


def _shaped(table: pa.Table, wanted: pa.Schema, rows: int) -> pa.Table:
    """`table` with every wanted column, in order; dictionaries of text may stand for text."""
    columns = []
    for field in wanted:
        if field.name not in table.column_names:
            columns.append(pa.chunked_array([pa.nulls(rows, field.type)]))
            continue
        column = table.column(field.name)
        same = column.type == field.type or pa.types.is_dictionary(column.type) or _text(column.type, field.type)
        columns.append(column if same else _cast(column, field.type))
    return pa.Table.from_arrays(columns, names=wanted.names) if columns else pa.table({})


def _text(one: pa.DataType, other: pa.DataType) -> bool:
    return pa.types.is_large_string(one) and pa.types.is_string_view(other)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    try:
        return column.cast(kind, safe=False)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())])
