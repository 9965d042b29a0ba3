"""Schemas learned from data."""

import datetime

import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.feature import FeatureType
from watchkeeper.schema.inference import infer_schema, unsupported_columns


def kind_of(column: object) -> FeatureType:
    return infer_schema(pa.table({"x": column})).features[0].type


def test_types() -> None:
    assert kind_of([1.5, 2.0]) is FeatureType.NUMERIC
    assert kind_of([1, 2]) is FeatureType.INTEGER
    assert kind_of([True, None]) is FeatureType.BOOLEAN
    assert kind_of(["a", "b", "a"]) is FeatureType.CATEGORICAL
    assert kind_of([f"text {i}" for i in range(100)]) is FeatureType.TEXT
    assert kind_of([datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)]) is FeatureType.TIMESTAMP
    assert kind_of(pa.array(["a", "b"]).dictionary_encode()) is FeatureType.CATEGORICAL
    assert kind_of(pa.array([f"level {i}" for i in range(60_000)]).dictionary_encode()) is FeatureType.TEXT
    assert kind_of(pa.nulls(3)) is FeatureType.NUMERIC


def test_integers_that_missing_values_made_floats_are_integers_again() -> None:
    assert kind_of([float(i) for i in range(200)] + [None]) is FeatureType.INTEGER
    assert kind_of([1.0, 2.0, None]) is FeatureType.NUMERIC, "three values prove nothing"


def test_ranges_ignore_what_is_not_finite() -> None:
    feature = infer_schema(pa.table({"x": [1.0, float("nan"), float("inf"), 3.0, None]})).features[0]
    assert (feature.minimum, feature.maximum, feature.null_rate, feature.nullable) == (1.0, 3.0, 0.2, True)


def test_categories_are_closed_while_they_are_few() -> None:
    few = infer_schema(pa.table({"x": ["b", "a", None] * 3})).features[0]
    many = infer_schema(pa.table({"x": [f"level {i}" for i in range(1500)] * 2})).features[0]
    assert few.categories == ("a", "b")
    assert (many.type, many.categories) == (FeatureType.CATEGORICAL, None)


def test_excluded_and_unsupported_columns_are_left_out() -> None:
    table = pa.table({"a": [1], "b": [[1]], "y": [0]})
    assert infer_schema(table, exclude=["y"]).feature_names == ("a",)
    assert unsupported_columns(table) == ("b",)
    with pytest.raises(BadInput, match="No column"):
        infer_schema(table.select(["b"]))


def test_an_empty_table_has_a_schema() -> None:
    assert infer_schema(pa.table({"x": pa.array([], pa.float64())})).features[0].minimum is None
