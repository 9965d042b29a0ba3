"""Rows on their way into a model.

A predictor takes one of two layouts:
MATRIX   float64 [n, F], one column a feature, in the schema's order; only for models whose features are all numbers.
COLUMNS  a dict of one array [n] a feature: numbers and booleans float64, text and categories object (str or None),
         timestamps datetime64[us].

Missing values: NaN for numbers and booleans, None for text, NaT for timestamps. Booleans are 0.0 and 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.feature import Feature, FeatureType

Rows: TypeAlias = NDArray[np.float64] | Mapping[str, NDArray[Any]]


class Layout(StrEnum):
    """How a predictor takes its rows."""

    MATRIX = "matrix"
    COLUMNS = "columns"


def is_numeric(feature: Feature) -> bool:
    """Whether the feature fits in a float64 matrix."""
    return feature.type.is_number or feature.type is FeatureType.BOOLEAN


def require_numbers(runtime: str, features: Sequence[Feature]) -> None:
    """Raise BadInput that names the first feature which a runtime of matrices alone cannot take."""
    texts = [feature.name for feature in features if not is_numeric(feature)]
    if texts:
        raise BadInput(
            f"{runtime} takes numbers; feature {texts[0]!r} is not one.",
            hint="Encode it before the model, or register a scikit-learn pipeline that does.",
        )


def row_count(rows: Rows) -> int:
    """How many rows there are."""
    if isinstance(rows, np.ndarray):
        return int(rows.shape[0])
    return next((len(column) for column in rows.values()), 0)


def in_order(rows: Rows, order: Sequence[int] | None) -> NDArray[np.float64]:
    """The columns of a matrix in the order in which a model was fitted; as they are for None."""
    if not isinstance(rows, np.ndarray):
        raise TypeError("a matrix was expected, not columns")
    return rows if order is None else rows[:, order]


def rows_of(table: pa.Table, features: Sequence[Feature], layout: Layout) -> Rows:
    """The feature columns of `table` in a predictor's layout. BadInput names a column that is missing or unfit."""
    columns = {feature.name: _column(table, feature) for feature in features}
    if layout is Layout.COLUMNS:
        return columns
    texts = [feature.name for feature in features if not is_numeric(feature)]
    if texts:
        raise BadInput(
            f"This model takes one matrix of numbers, but feature {texts[0]!r} is not a number.",
            hint="Leave such columns out of the reference, or register the whole pipeline with its encoder.",
        )
    return np.column_stack(list(columns.values())) if columns else np.empty((table.num_rows, 0))


def _column(table: pa.Table, feature: Feature) -> NDArray[Any]:
    if feature.name not in table.column_names:
        raise BadInput(f"The table has no column {feature.name!r}.", hint=f"It has {', '.join(table.column_names)}.")
    column = table.column(feature.name).combine_chunks()
    try:
        return column_values(column, feature)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise BadInput(f"Column {feature.name!r} cannot be read as {feature.type}: {error}.") from error


def column_values(column: pa.Array, feature: Feature) -> NDArray[Any]:
    """One Arrow column as the array that a predictor takes."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_numeric(feature):
        numbers: NDArray[np.float64] = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return numbers
    if feature.type is FeatureType.TIMESTAMP:
        return np.asarray(column.cast(pa.timestamp("us"), safe=False).to_numpy(zero_copy_only=False), "datetime64[us]")
    texts = np.empty(len(column), dtype=object)
    texts[:] = column.cast(pa.string()).to_pylist()
    return texts
