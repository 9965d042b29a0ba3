"""Lists of numbers read as a matrix: Arrow lists of any sort, tensors, arrays, or Python lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.detectors.embedding.embedding import BoolArray, spread_out
from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray


def holds_vectors(kind: pa.DataType) -> bool:
    """Whether an Arrow type is one of lists of numbers, of any length."""
    if isinstance(kind, pa.FixedShapeTensorType):
        return holds_vectors(kind.storage_type)
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        return False
    return bool(pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def vectors(values: Any, width: int | None = None) -> tuple[BoolArray, FloatArray]:
    """(known (n,), rows (known, D)): the vectors of finite numbers, `width` of them each.

    Without a `width` the commonest one is taken; vectors of another width, or with a number that is missing or
    infinite, are not known. Raises BadInput where there are no vectors of numbers.
    """
    if isinstance(values, pa.Array | pa.ChunkedArray):
        known, rows = _from_arrow(values, width)
    elif isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        rows = values.reshape(len(values), -1).astype(np.float64)
        known = np.full(len(rows), width is None or rows.shape[1] == width)
        rows = rows[known] if width is None or rows.shape[1] == width else np.zeros((0, width))
    else:
        known, rows = _from_arrow(_as_arrow(values), width)
    finite = np.isfinite(rows).all(1)
    if finite.all():
        return known, rows
    known = known.copy()
    known[known] = finite
    return known, rows[finite]


def along(values: Any, centre: FloatArray, scale: FloatArray, directions: FloatArray) -> FloatArray:
    """(n, d) vectors less `centre` (D,), in units of `scale` (D,), along `directions` (D, d); NaN where unknown."""
    known, rows = vectors(values, len(centre))
    return spread_out(known, (rows - centre) @ (directions / scale[:, None]))


def _as_arrow(values: Any) -> pa.Array:
    try:
        return pa.array([None if value is None else np.asarray(value, np.float64).ravel() for value in values])
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BadInput("These are no vectors of numbers.", hint="Give lists of numbers, or an array (n, D).") from error


def _from_arrow(column: Any, width: int | None) -> tuple[BoolArray, FloatArray]:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if isinstance(column.type, pa.FixedShapeTensorType):
        column = column.storage
    if not holds_vectors(column.type):
        raise BadInput(f"A column of {column.type} holds no vectors.", hint="Give lists of numbers.")
    lengths = np.asarray(pc.fill_null(pc.list_value_length(column), -1).to_numpy(zero_copy_only=False), np.int64)
    width = _commonest(lengths) if width is None else width
    known = lengths == width
    flat = pc.list_flatten(column if known.all() else column.filter(pa.array(known)))
    rows = np.asarray(flat.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    return known, rows.reshape(-1, width)


def _commonest(lengths: np.ndarray[Any, np.dtype[np.int64]]) -> int:
    there = lengths[lengths > 0]
    if not there.size:
        raise BadInput("No row holds a vector.")
    return int(np.bincount(there).argmax())
