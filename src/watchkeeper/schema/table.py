"""Any Arrow-capable data, or a file of it, as a table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet

from watchkeeper.events.errors import BadInput

READERS: dict[str, Callable[[Path], pa.Table]] = {
    ".parquet": lambda path: pyarrow.parquet.ParquetFile(path).read(),
    ".pq": lambda path: pyarrow.parquet.ParquetFile(path).read(),
    ".csv": pyarrow.csv.read_csv,
    ".arrow": pyarrow.feather.read_table,
    ".feather": pyarrow.feather.read_table,
    ".jsonl": pyarrow.json.read_json,
    ".ndjson": pyarrow.json.read_json,
}


def as_table(data: Any, *, unique: bool = True) -> pa.Table:
    """`data` as a pyarrow Table.

    Accepts a path to a .parquet, .csv, .arrow, .feather or .jsonl file; a pyarrow Table or RecordBatch; a mapping of
    column name to values; and anything that exports an Arrow stream (pandas, polars, DuckDB relations). Raises BadInput
    that says what the thing was and what is accepted, and, if names are to be `unique`, which one is not.
    """
    table = _any_table(data)
    if unique and (repeated := repeated_names(table.column_names)):
        raise BadInput(f"The table has more than one column called {repeated[0]!r}.", hint="Rename one of them.")
    return without_views(table)


def repeated_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names that occur more than once, sorted."""
    return tuple(sorted(name for name, times in Counter(names).items() if times > 1))


def _any_table(data: Any) -> pa.Table:
    if isinstance(data, str | Path):
        return _read(Path(data))
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if hasattr(data, "__arrow_c_stream__"):
        return _exported(data)
    if isinstance(data, Mapping):
        return _from_mapping(data)
    raise BadInput(
        f"A {type(data).__name__} is not a table.",
        hint="Give a pandas, polars or pyarrow table, a mapping of columns, or the path of a .parquet or .csv file.",
    )


def encode_text(table: pa.Table) -> pa.Table:
    """`table` with text columns that repeat themselves as dictionaries, so that each later pass reads integers.

    Columns with more than half as many levels as rows stay as they are: they are text, not categories.
    """
    for i, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            encoded = table.column(i).dictionary_encode()
            if encoded.num_chunks and len(encoded.chunk(0).dictionary) * 2 <= len(encoded):
                table = table.set_column(i, field.name, encoded)
    return table


def _read(path: Path) -> pa.Table:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path} has no known suffix.", hint=f"Watchkeeper reads {', '.join(READERS)}.")
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", hint="Check the path.")
    try:
        return reader(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> BadInput:
    """The error to raise for a file that Arrow cannot read."""
    return BadInput(f"{path} cannot be read: {_first_line(error)}.", hint="The file may be damaged or half written.")


def _from_mapping(columns: Mapping[Any, Any]) -> pa.Table:
    try:
        return pa.table({str(name): _array(values) for name, values in columns.items()})
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadInput(f"These columns do not make a table: {_first_line(error)}.") from error


def _array(values: Any) -> Any:
    """Values of mixed types become text, so that one ugly column cannot stop the others from being read.

    Arrays of several dimensions become lists (n, D) or tensors (n, h, w, …).
    """
    stacked = _stacked(values)
    if stacked is not None:
        return stacked
    try:
        return values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if _is_missing(value) else str(value) for value in values])


def _stacked(values: Any) -> Any:
    """An array of two or more dimensions, or a list of arrays of two or more and one shape, as an Arrow column."""
    if isinstance(values, list | tuple) and values and all(getattr(value, "ndim", 0) > 1 for value in values):
        values = np.stack(values) if len({value.shape for value in values}) == 1 else values
    if not isinstance(values, np.ndarray) or values.ndim < 2:
        return None
    if values.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(values).ravel()), values.shape[1])
    return pa.FixedShapeTensorArray.from_numpy_ndarray(np.ascontiguousarray(values))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _exported(data: Any) -> pa.Table:
    """What `data` hands over as an Arrow stream; column by column where one of mixed types (pandas) makes it refuse."""
    try:
        return _without_pandas_index(data, pa.table(data))
    except (pa.ArrowException, TypeError, ValueError) as error:
        if hasattr(data, "columns") and data.columns.is_unique:
            return _from_mapping(dict(data.items()))
        if getattr(data, "ndim", 0) == 2 and hasattr(data, "iloc"):  # names that repeat: pandas itself refuses them
            columns = [_array(data.iloc[:, place]) for place in range(data.shape[1])]
            return pa.Table.from_arrays(columns, names=[str(name) for name in data.columns])
        raise BadInput(f"This {type(data).__name__} does not make a table: {_first_line(error)}.") from error


def _without_pandas_index(data: Any, table: pa.Table) -> pa.Table:
    """A pandas index is not a feature."""
    if type(data).__module__.startswith("pandas"):
        return table.select([name for name in table.column_names if not name.startswith("__index_level_")])
    return table


def without_views(table: pa.Table) -> pa.Table:
    """Text as polars exports it (string views) as large strings: most of Arrow's kernels know no views."""
    for i, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string_view(kind):
            table = table.set_column(i, field.name, _without_view(table.column(i)))
    return table


def _without_view(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column.cast(pa.large_string())
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.large_string()))
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, pa.dictionary(column.type.index_type, pa.large_string()))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
