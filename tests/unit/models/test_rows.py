from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.artifacts import MIXED, NUMBERS, table
from watchkeeper.events.errors import BadInput
from watchkeeper.models.rows import Layout, column_values, in_order, is_numeric, require_numbers, row_count, rows_of
from watchkeeper.schema.feature import Feature, FeatureType


def test_numbers_become_a_matrix_in_the_schema_s_order() -> None:
    rows = rows_of(table(), NUMBERS.features, Layout.MATRIX)
    assert isinstance(rows, np.ndarray)
    assert rows.shape == (table().num_rows, 2)
    np.testing.assert_array_equal(rows[:, 1], table()["b"].to_numpy())
    assert row_count(rows) == table().num_rows


def test_columns_keep_text() -> None:
    rows = rows_of(table(), MIXED.features, Layout.COLUMNS)
    assert isinstance(rows, dict)
    assert rows["c"].dtype == object
    assert row_count(rows) == table().num_rows
    assert row_count({}) == 0


@pytest.mark.parametrize(
    ("kind", "column", "expected"),
    [
        (FeatureType.NUMERIC, pa.array([1.5, None]), [1.5, np.nan]),
        (FeatureType.INTEGER, pa.array([2, None], pa.int8()), [2.0, np.nan]),
        (FeatureType.BOOLEAN, pa.array([True, None]), [1.0, np.nan]),
        (FeatureType.NUMERIC, pa.array(["1.5", "2"]), [1.5, 2.0]),
    ],
)
def test_missing_numbers_are_nan(kind: FeatureType, column: pa.Array, expected: list[float]) -> None:
    np.testing.assert_array_equal(column_values(column, Feature(name="x", type=kind)), expected)


def test_missing_text_is_none_and_missing_time_is_nat() -> None:
    text = Feature(name="x", type=FeatureType.CATEGORICAL)
    assert column_values(pa.array(["a", None]).dictionary_encode(), text).tolist() == ["a", None]
    assert column_values(pa.array([1, None]), text).tolist() == ["1", None]
    moment = Feature(name="x", type=FeatureType.TIMESTAMP)
    for column in (pa.array([dt.date(2013, 1, 1), None]), pa.array([dt.datetime(2013, 1, 1, tzinfo=dt.UTC), None])):
        found = column_values(column, moment)
        assert found.dtype == "datetime64[us]"
        assert (str(found[0]), np.isnat(found[1])) == ("2013-01-01T00:00:00.000000", True)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(BadInput, match=r"no column 'a'.*It has x"):
        rows_of(pa.table({"x": [1]}), NUMBERS.features, Layout.MATRIX)
    with pytest.raises(BadInput, match="'c' is not a number"):
        rows_of(table(), MIXED.features, Layout.MATRIX)
    with pytest.raises(BadInput, match="'a' cannot be read as numeric"):
        rows_of(pa.table({"a": ["old"], "b": [1.0]}), NUMBERS.features, Layout.MATRIX)


def test_columns_are_put_in_order() -> None:
    rows = np.array([[1.0, 2.0]])
    assert in_order(rows, None) is rows
    assert in_order(rows, [1, 0]).tolist() == [[2.0, 1.0]]
    with pytest.raises(TypeError):
        in_order({}, None)


def test_what_fits_in_a_matrix() -> None:
    kinds = [kind for kind in FeatureType if is_numeric(Feature(name="x", type=kind))]
    assert kinds == [FeatureType.NUMERIC, FeatureType.INTEGER, FeatureType.BOOLEAN]


def test_a_runtime_of_matrices_names_the_feature_it_cannot_take() -> None:
    require_numbers("XGBoost", NUMBERS.features)
    with pytest.raises(BadInput, match="XGBoost takes numbers; feature 'c' is not one"):
        require_numbers("XGBoost", MIXED.features)
