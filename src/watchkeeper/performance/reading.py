"""Outputs and labels as arrays: class numbers, probabilities, numbers. What cannot be read becomes a fault of its row.

A class may be given in every form that a label may have (`schema.truth`), or as a one-hot list.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.faults import Faults
from watchkeeper.schema.numbers import BoolArray, Column, as_floats
from watchkeeper.schema.outputs import label_text
from watchkeeper.schema.truth import class_of
from watchkeeper.tallies.tally import FloatArray, IntArray

SUM_TOLERANCE = 0.01
"""How far the probabilities of one row may sum from 1: half a point in the third decimal of ten classes is rounding."""
_EDGE = 1e-6


def as_array(values: Column | Sequence[object]) -> pa.Array:
    """`values` as one Arrow array. Raises BadInput where they are of mixed types."""
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise BadInput(f"The labels are of mixed types: {error}.", hint="Give all of them in one type.") from error


def is_list(column: pa.Array) -> bool:
    """Whether each row holds a list."""
    kind = column.type
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def class_numbers(column: pa.Array, classes: Sequence[str], what: str, faults: Faults) -> IntArray:
    """(n,) place of each row's class in `classes`; 0 where the row has a fault. `what` names the column in reasons."""
    if is_list(column):
        return _from_one_hot(column, classes, what, faults)
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    values = coded.dictionary.to_pylist()
    places = np.array([*(_place(value, classes) for value in values), -1], np.int64)
    code = np.asarray(coded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False), np.int64)
    number = places[code]
    missing = code == len(values)
    faults.add(missing, f"the {what} is missing")
    faults.add(number < 0, lambda row: f"{what} {values[code[row]]!r} is none of the classes {_some(classes)}")
    return np.maximum(number, 0)


def _place(value: object, classes: Sequence[str]) -> int:
    """Where `value` stands in the classes, or -1."""
    text = label_text(value)
    if text not in classes and isinstance(value, int | float) and not isinstance(value, bool):
        text = class_of(float(value), None, classes) or text
    elif text not in classes:
        text = class_of(None, text, classes) or text
    return classes.index(text) if text in classes else -1


def _some(classes: Sequence[str]) -> str:
    shown = ", ".join(classes[:8])
    return f"{shown}, … ({len(classes):,} in all)" if len(classes) > 8 else shown


def _from_one_hot(column: pa.Array, classes: Sequence[str], what: str, faults: Faults) -> IntArray:
    matrix = list_matrix(column, len(classes), what, faults)
    with np.errstate(invalid="ignore"):
        wrong: BoolArray = ~(((matrix == 0) | (matrix == 1)).all(1) & (matrix.sum(1) == 1))
    faults.add(wrong, f"the {what} is not one-hot: exactly one entry must be 1 and the others 0")
    numbers: IntArray = np.nan_to_num(matrix).argmax(1)
    return numbers


def list_matrix(column: pa.Array, width: int, what: str, faults: Faults) -> FloatArray:
    """(n, width) a column of lists of numbers; rows of another length are faults and read as NaN."""
    lengths = np.asarray(pc.list_value_length(column).fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    fits = lengths == width
    faults.add(lengths < 0, f"the {what} is missing")
    faults.add(~fits, lambda row: f"the {what} has {lengths[row]} entries for {width} classes")
    matrix = np.full((len(column), width), np.nan)
    flat, _, _ = as_floats(pc.list_flatten(column.filter(pa.array(fits))))
    matrix[fits] = flat.reshape(-1, width)
    return matrix


def probabilities(columns: Sequence[pa.Array], names: Sequence[str], faults: Faults) -> FloatArray:
    """(n, columns) probabilities within 0 to 1; 0 where the row has a fault."""
    return checked_probabilities(np.column_stack([as_floats(column)[0] for column in columns]), names, faults)


def checked_probabilities(matrix: FloatArray, names: Sequence[str], faults: Faults) -> FloatArray:
    """`matrix` (n, K) with faults for rows that hold no probabilities; `names` (K,) are used in the reasons."""
    if matrix.size and matrix.min() >= 0 and matrix.max() <= 1:  # a NaN is neither
        return matrix
    missing = np.isnan(matrix)
    faults.add(np.any(missing, axis=1), lambda row: f"{names[int(missing[row].argmax())]} is missing or NaN")
    outside = (matrix < -_EDGE) | (matrix > 1 + _EDGE)
    faults.add(np.any(outside, axis=1), lambda row: _outside(matrix[row], outside[row], names))
    return np.clip(np.nan_to_num(matrix), 0.0, 1.0)


def _outside(row: FloatArray, outside: BoolArray, names: Sequence[str]) -> str:
    at = int(outside.argmax())
    return f"{names[at]} {row[at]:.6g} is no probability"


def check_sums(matrix: FloatArray, faults: Faults) -> None:
    """Faults for rows whose probabilities do not sum to 1."""
    total = matrix.sum(1)
    off: BoolArray = np.abs(total - 1) > SUM_TOLERANCE
    faults.add(off, lambda row: f"the probabilities sum to {total[row]:.4g}, not to 1")


def numbers(column: pa.Array, what: str, faults: Faults) -> FloatArray:
    """(n,) finite numbers; 0 where the row has a fault."""
    if pa.types.is_boolean(column.type) or is_list(column):
        raise BadInput(f"The {what}s are {column.type}, not numbers.", hint="Is the task right?")
    values, missing, unreadable = as_floats(column)
    if missing is not None:
        faults.add(missing, f"the {what} is missing")
    if unreadable is not None:
        faults.add(unreadable, lambda row: f"{what} {column[row].as_py()!r} is no number")
    faults.add(~np.isfinite(values), lambda row: f"the {what} is {values[row]}")
    return np.where(np.isfinite(values), values, 0.0)
