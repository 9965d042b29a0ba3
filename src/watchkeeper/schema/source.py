"""A table that may be larger than memory: a schema, a number of rows, and batches of some of its columns.

A table in memory is one batch of itself. Files are read whole where that is cheap and in batches where it is not;
either way the rows, their order and their types are the same, so nothing counted from a source depends on how it was
cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa

from watchkeeper.schema.table import as_table, repeated_names


class Source(Protocol):
    """Rows to be read again and again, always in the same order.

    `fields` has the columns that can be asked for, with the types to judge them by; `repeated` names those that the
    data has twice, which nobody can ask for. `apart` says that reading some columns costs no more than their share.
    """

    fields: pa.Schema
    rows: int
    repeated: tuple[str, ...]
    apart: bool

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """All rows of `columns`, batch by batch. Raises BadInput where the data turns out to be damaged."""
        ...


class TableSource:
    """A table in memory; `fields` where its columns are to be judged by other types than the ones they are kept in."""

    apart = True

    def __init__(self, table: pa.Table, fields: pa.Schema | None = None) -> None:
        self.repeated = repeated_names(table.column_names)
        self._table = table.select([i for i, n in enumerate(table.column_names) if n not in self.repeated])
        self.fields: pa.Schema = self._table.schema if fields is None else fields
        self.rows: int = table.num_rows

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        yield self._table.select(list(columns))


def in_memory(data: Any) -> TableSource:
    """Anything that `as_table` takes, as a source; names that repeat are left out of it rather than refused."""
    return TableSource(as_table(data, unique=False))


def held(source: Source) -> TableSource:
    """All of `source` in memory."""
    names = source.fields.names
    parts = list(source.batches(names))
    if not parts:
        return TableSource(source.fields.empty_table())
    chunks = {name: [chunk for part in parts for chunk in part.column(name).chunks] for name in names}
    columns = [pa.chunked_array(chunks[name], parts[0].column(name).type) for name in names]
    table = TableSource(pa.Table.from_arrays(columns, names=names), source.fields)
    table.repeated, table.rows = source.repeated, source.rows
    return table


def unique_fields(schema: pa.Schema) -> tuple[pa.Schema, tuple[str, ...]]:
    """The fields whose names occur once, and the names that occur more often."""
    repeated = repeated_names(schema.names)
    return pa.schema([field for field in schema if field.name not in repeated]), repeated
