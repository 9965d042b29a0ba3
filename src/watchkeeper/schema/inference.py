"""A schema learned from data: types, ranges, categories and null rates, to be edited by hand afterwards."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

MAX_CATEGORIES = 50_000
CLOSED_SET = 1_000
WHOLE_NUMBERS_ROWS = 100
_TEXT_SHARE = 0.5
_FEW_LEVELS = 20


def infer_schema(table: pa.Table, *, exclude: Collection[str] = ()) -> Schema:
    """The schema of `table`, its columns but `exclude` in their order.

    Columns of a type that cannot be watched (lists, structs, bytes) are left out; `unsupported_columns` names them.
    Raises BadInput when nothing is left.
    """
    skipped = {*exclude, *unsupported_columns(table)}
    features = tuple(infer_feature(name, table[name]) for name in table.column_names if name not in skipped)
    if not features:
        raise BadInput(
            "No column can be a feature.", hint=f"The table has {', '.join(table.column_names) or 'no columns'}."
        )
    return Schema(features=features)


def unsupported_columns(table: pa.Table) -> tuple[str, ...]:
    """Names of the columns whose type cannot be watched."""
    return tuple(field.name for field in table.schema if feature_type_of(field.type) is None)


def infer_feature(name: str, column: pa.ChunkedArray) -> Feature:
    """The feature that `column` shows."""
    declared = feature_type_of(column.type)
    if declared is None:
        raise BadInput(f"Column {name!r} holds {column.type}, which cannot be watched.")
    kind = _refine(declared, column)
    low, high = _bounds(kind, column)
    return Feature(
        name=name,
        type=kind,
        nullable=column.null_count > 0,
        minimum=low,
        maximum=high,
        categories=_categories(kind, column),
        null_rate=column.null_count / len(column) if len(column) else 0.0,
    )


def feature_type_of(kind: pa.DataType) -> FeatureType | None:
    """What an Arrow type holds, or None where it cannot be watched."""
    types = pa.types
    if types.is_dictionary(kind):
        return feature_type_of(kind.value_type)
    if types.is_boolean(kind):
        return FeatureType.BOOLEAN
    if types.is_integer(kind):
        return FeatureType.INTEGER
    if types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        return FeatureType.NUMERIC
    if types.is_timestamp(kind) or types.is_date(kind):
        return FeatureType.TIMESTAMP
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return FeatureType.TEXT
    return None


def _refine(kind: FeatureType, column: pa.ChunkedArray) -> FeatureType:
    if kind is FeatureType.TEXT and _is_categorical(column):
        return FeatureType.CATEGORICAL
    if kind is FeatureType.NUMERIC and _is_whole(column):
        return FeatureType.INTEGER
    return kind


def _is_categorical(column: pa.ChunkedArray) -> bool:
    """Text with few distinct values, or values that repeat: half as many as rows at the most.

    Text that came as a dictionary was called categorical by whoever made it, unless its levels are too many to keep.
    """
    if pa.types.is_dictionary(column.type):
        return max((len(chunk.dictionary) for chunk in column.chunks), default=0) <= MAX_CATEGORIES
    return are_categories(pc.count_distinct(column, mode="only_valid").as_py(), len(column) - column.null_count)


def are_categories(levels: int, values: int) -> bool:
    """Whether text of so many distinct levels in so many values is a category, and not free text."""
    return levels <= _FEW_LEVELS or levels <= min(MAX_CATEGORIES, _TEXT_SHARE * values)


def _is_whole(column: pa.ChunkedArray) -> bool:
    """Whole numbers stored as floats, as a missing value makes of integers. Believed from 100 values on."""
    values = _finite(column)
    few = values[:WHOLE_NUMBERS_ROWS]
    if few.size < WHOLE_NUMBERS_ROWS or (few != np.rint(few)).any():  # most columns are settled by their first values
        return False
    return bool((values == np.rint(values)).all())


def _bounds(kind: FeatureType, column: pa.ChunkedArray) -> tuple[float | None, float | None]:
    if not kind.is_number:
        return None, None
    values = _finite(column)
    return (float(values.min()), float(values.max())) if values.size else (None, None)


def _finite(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values = np.asarray(column.drop_null().cast(pa.float64(), safe=False), np.float64)
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def _categories(kind: FeatureType, column: pa.ChunkedArray) -> tuple[str, ...] | None:
    if kind is FeatureType.BOOLEAN:
        return ("false", "true")
    if kind is not FeatureType.CATEGORICAL:
        return None
    levels = pc.unique(column).drop_null()
    return tuple(sorted(set(levels.to_pylist()))) if len(levels) <= CLOSED_SET else None
