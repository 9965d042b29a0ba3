"""CSV and JSON-lines files read in blocks, with the types that reading them whole would have given.

Types are settled in a pass of their own. CSV: each column has the first type in Arrow's order of guessing that all its
values have, as in `pyarrow.csv.read_csv`; where a block proves a guess wrong, the next is tried from the start. JSON:
the types of all blocks joined; where they cannot be joined, text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.json

from watchkeeper.schema.source import unique_fields
from watchkeeper.schema.table import as_table, unreadable

BLOCK = 8 << 20
_GUESSES = (
    pa.null(),
    pa.int64(),
    pa.bool_(),
    pa.date32(),
    pa.time32("s"),
    pa.timestamp("s"),
    pa.timestamp("s", "UTC"),
    pa.timestamp("ns"),
    pa.timestamp("ns", "UTC"),
    pa.float64(),
    pa.string(),
    pa.binary(),
)
_COLUMN_AT_FAULT = re.compile(r"In CSV column #(\d+): .*conversion error", re.DOTALL)


class CsvSource:
    """One CSV file, parsed anew for every pass."""

    apart = False

    def __init__(self, path: Path, block: int = BLOCK) -> None:
        self._path, self._block = path, block
        try:
            self.fields, self.repeated = unique_fields(self._open(None, None).schema)
            self.rows = self._settle_types()
        except (pa.ArrowException, OSError) as error:
            raise unreadable(path, error) from error

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        try:
            for batch in self._open(list(columns), {name: self.fields.field(name).type for name in columns}):
                yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as error:
            raise unreadable(self._path, error) from error

    def _open(self, columns: list[str] | None, types: dict[str, pa.DataType] | None) -> Any:
        return pyarrow.csv.open_csv(
            self._path,
            read_options=pyarrow.csv.ReadOptions(block_size=self._block),
            convert_options=pyarrow.csv.ConvertOptions(include_columns=columns, column_types=types),
        )

    def _settle_types(self) -> int:
        """Loosen the types until every value has one; returns the number of rows."""
        names = self.fields.names
        while True:
            types = dict(zip(names, self.fields.types, strict=True))
            try:
                return sum(batch.num_rows for batch in self._open(names, types))
            except pa.ArrowInvalid as error:
                fault = _COLUMN_AT_FAULT.search(str(error))
                if fault is None:
                    raise
                place = int(fault[1])
                looser = _GUESSES[_GUESSES.index(self.fields.field(place).type) + 1]
                self.fields = self.fields.set(place, pa.field(names[place], looser))


class JsonSource:
    """One file with a JSON object on each line."""

    apart = False
    repeated: tuple[str, ...] = ()

    def __init__(self, path: Path, block: int = BLOCK) -> None:
        self._path, self._block = path, block
        self.rows = 0
        kinds: dict[str, pa.DataType] = {}
        for lines in self._blocks():
            table = self._table(lines, None)
            self.rows += table.num_rows
            for field in table.schema:
                kinds[field.name] = _joined(kinds.get(field.name, field.type), field.type)
        self.fields = pa.schema(list(kinds.items()))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        for lines in self._blocks():
            table = self._table(lines, self.fields)
            parts = [_as(table, name, self.fields.field(name).type) for name in columns]
            yield pa.Table.from_arrays(parts, names=list(columns))

    def _blocks(self) -> Iterator[bytes]:
        """Whole lines, about `block` bytes at a time."""
        try:
            with self._path.open("rb") as file:
                while lines := file.readlines(self._block):
                    yield b"".join(lines)
        except OSError as error:
            raise unreadable(self._path, error) from error

    def _table(self, lines: bytes, types: pa.Schema | None) -> pa.Table:
        """The lines as a table, in `types` if they are settled."""
        options = pyarrow.json.ParseOptions(explicit_schema=types)
        try:
            return pyarrow.json.read_json(
                io.BytesIO(lines),
                read_options=pyarrow.json.ReadOptions(block_size=max(len(lines) + 1, self._block)),
                parse_options=options,
            )
        except pa.ArrowInvalid:
            return self._mixed(lines, types)

    def _mixed(self, lines: bytes, types: pa.Schema | None) -> pa.Table:
        """Lines in which a column changes its type: that column becomes text, the others are not touched."""
        try:
            rows = [msgspec.json.decode(line, type=dict[str, Any]) for line in lines.splitlines() if line.strip()]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise unreadable(self._path, error) from error
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
        texts = {f.name for f in types or () if pa.types.is_string(f.type)}
        return as_table({name: _texts(values) if name in texts else values for name, values in columns.items()})


def _texts(values: list[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _joined(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other:
        return one
    pair = [pa.schema([("x", one)]), pa.schema([("x", other)])]
    try:
        return reduce(lambda a, b: pa.unify_schemas([a, b], promote_options="permissive"), pair).field(0).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()


def _as(table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.nulls(table.num_rows, kind)])
    column = table.column(name)
    if column.type == kind:
        return column
    try:
        return column.cast(kind, safe=False)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.chunked_array([_texts(column.to_pylist())])
