from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.models.record import input_arrays, output_arrays, recorded_type
from watchkeeper.models.task import Task, output_features
from watchkeeper.schema.feature import Feature, FeatureType

FEATURES = tuple(Feature(name=str(kind), type=kind) for kind in FeatureType)


def test_every_type_is_recorded_as_it_is_declared() -> None:
    rows = {
        "numeric": np.array([1.5, np.nan]),
        "integer": np.array([1.5, np.nan]),
        "boolean": np.array([0.0, np.nan]),
        "categorical": np.array(["a", None], dtype=object),
        "timestamp": np.array(["2013-01-01", "NaT"], dtype="datetime64[us]"),
        "text": np.array(["some words", None], dtype=object),
    }
    arrays = input_arrays(FEATURES, rows)
    assert [array.type for array in arrays] == [recorded_type(feature) for feature in FEATURES]
    assert [array.null_count for array in arrays] == [1] * len(FEATURES)
    assert arrays[1].to_pylist() == [1.5, None], "a fraction stays one: the check counts it as a wrong type"
    assert arrays[2].to_pylist() == [False, None]


def test_a_matrix_is_recorded_by_column() -> None:
    arrays = input_arrays(FEATURES[:2], np.array([[1.0, 2.0], [np.nan, 4.0]]))
    assert [array.to_pylist() for array in arrays] == [[1.0, None], [2.0, 4.0]]


def test_labels_are_text_and_a_models_nan_stays() -> None:
    outputs = output_features(Task.BINARY, ("0", "1"))
    label, probability = output_arrays(outputs, (np.array([1, 0, 1]), np.array([0.9, np.nan, 0.8], np.float32)))
    assert label.to_pylist() == ["1", "0", "1"]
    assert label.type == pa.dictionary(pa.int32(), pa.string())
    assert probability.null_count == 0
    assert np.isnan(probability[1].as_py())


def test_labels_of_any_kind_have_one_text() -> None:
    outputs = output_features(Task.BINARY, ("false", "true"))[:1]
    assert output_arrays(outputs, (np.array([True, False]),))[0].to_pylist() == ["true", "false"]
    assert output_arrays(outputs, (np.array(["a", "b"], dtype=object),))[0].to_pylist() == ["a", "b"]
