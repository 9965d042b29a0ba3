"""Any Arrow column read as numbers, saying which rows are missing and which cannot be read."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Column: TypeAlias = pa.Array | pa.ChunkedArray


def as_floats(column: Column, *, length: bool = False) -> tuple[FloatArray, BoolArray | None, BoolArray | None]:
    """(values float64 (n,), missing (n,) or None, unreadable (n,) or None); NaN where there is no number.

    Time stamps and dates become Unix seconds. Text is read as a number where it is one. `length` gives the length of
    each text in characters instead.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    readable = _to_float_array(column, length)
    lost = readable.null_count - column.null_count
    values = np.asarray(readable.to_numpy(zero_copy_only=False), np.float64)  # often Arrow's own memory: read-only
    unreadable = None
    if lost:
        unreadable = readable.is_null().to_numpy(zero_copy_only=False)
        if missing is not None:
            unreadable = unreadable & ~missing
    return values, missing, unreadable


def _to_float_array(column: pa.Array, length: bool) -> pa.Array:
    """`column` as float64, null where a value cannot be read."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if length:
        text = column if _is_text(kind) else column.cast(pa.string())
        return pc.utf8_length(text).cast(pa.float64())
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64(), safe=False)
    if pa.types.is_boolean(kind):
        return column.cast(pa.uint8()).cast(pa.float64())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = column.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False).cast(pa.int64())
        return pc.divide(micros.cast(pa.float64(), safe=False), 1e6)
    if _is_text(kind):
        return pa.array([_number_or_none(text) for text in column.to_pylist()], pa.float64())
    return pa.nulls(len(column), pa.float64())


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _number_or_none(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
