from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from tests.helpers.artifacts import (
    MIXED,
    NUMBERS,
    frame,
    linear,
    logistic,
    numbers,
    pickled,
    pipeline,
    pipeline_by_place,
    table,
    target,
)
from watchkeeper.events.errors import BadInput
from watchkeeper.models import sklearn
from watchkeeper.models.rows import Layout, rows_of
from watchkeeper.models.task import ModelSpec, Task
from watchkeeper.schema.feature import Feature


def load(model: Any, task: Task = Task.BINARY, features: tuple[Feature, ...] = NUMBERS.features) -> Any:
    return sklearn.load(pickled(model).data, ModelSpec(task=task, features=features))


def test_a_pipeline_by_names_takes_a_data_frame() -> None:
    model = pipeline()
    predictor = load(model, features=MIXED.features)
    assert predictor.layout is Layout.COLUMNS
    rows = rows_of(table(), MIXED.features, Layout.COLUMNS)
    np.testing.assert_allclose(predictor.predict(rows)[1], model.predict_proba(frame())[:, 1])


def test_a_pipeline_by_places_takes_an_array_of_objects() -> None:
    model, rows = pipeline_by_place(), rows_of(table(), MIXED.features, Layout.COLUMNS)
    expected = model.predict_proba(frame().to_numpy(dtype=object))[:, 1]
    predictor = load(model, features=MIXED.features)
    np.testing.assert_allclose(predictor.predict(rows)[1], expected)


def test_a_model_fitted_on_a_data_frame_of_numbers_takes_a_matrix_in_silence_and_in_its_own_order() -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame()[["b", "a"]], target())
    predictor = load(model)
    assert predictor.layout is Layout.MATRIX
    rows = rows_of(table(), NUMBERS.features, Layout.MATRIX)
    np.testing.assert_allclose(predictor.predict(rows)[1], model.predict_proba(frame()[["b", "a"]])[:, 1])


def test_columns_that_the_model_does_not_know_are_left_out() -> None:
    predictor = load(logistic_of_names(), features=MIXED.features)
    rows = rows_of(table(), MIXED.features, Layout.COLUMNS)
    assert predictor.predict(rows)[1].shape == (table().num_rows,)


def logistic_of_names() -> Any:
    return LogisticRegression().fit(frame()[["a", "b"]], target())


def test_missing_values_reach_a_model_that_takes_them() -> None:
    model = HistGradientBoostingClassifier(max_iter=5).fit(numbers(), target())
    assert np.isfinite(load(model).predict(np.array([[np.nan, 1.0]]))[1]).all()


@pytest.mark.parametrize(
    ("labels", "classes", "datatype"),
    [
        (target(), ("0", "1"), "INT64"),
        (target().astype(float), ("0", "1"), "INT64"),
        (target().astype(bool), ("false", "true"), "BOOL"),
        (np.where(target() == 1, "yes", "no"), ("no", "yes"), "BYTES"),
    ],
)
def test_labels_are_answered_in_their_own_type(labels: Any, classes: tuple[str, ...], datatype: str) -> None:
    predictor = load(LogisticRegression().fit(numbers(), labels))
    assert (predictor.classes, predictor.outputs[0].datatype) == (classes, datatype)
    assert set(predictor.predict(numbers())[0].tolist()) <= set(labels.tolist())


def test_multiclass_and_regression() -> None:
    model = RandomForestClassifier(5, random_state=0).fit(numbers(), frame()["c"].astype(str))
    predictor = load(model, Task.MULTICLASS)
    np.testing.assert_array_equal(predictor.predict(numbers())[0], model.predict(numbers()))
    np.testing.assert_allclose(load(linear(), Task.REGRESSION).predict(numbers())[0], linear().predict(numbers()))


@pytest.mark.parametrize(
    ("model", "task", "features", "says"),
    [
        (LinearSVC().fit(numbers(), target()), Task.BINARY, NUMBERS.features, "no class probabilities"),
        (
            LogisticRegression().fit(numbers(), frame()["c"].astype(str)),
            Task.BINARY,
            NUMBERS.features,
            "this one has 3",
        ),
        (StandardScaler().fit(numbers()), Task.REGRESSION, NUMBERS.features, "no predict method"),
        (logistic(), Task.BINARY, NUMBERS.features[:1], "fitted on 2 columns; the schema has 1"),
        (pipeline(), Task.BINARY, NUMBERS.features, "a column 'c', which is no feature"),
        ({"not": "a model"}, Task.BINARY, NUMBERS.features, "no class probabilities"),
    ],
)
def test_what_does_not_fit_is_told(model: Any, task: Task, features: Any, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(model, task, features)
    assert says in str(caught.value)
    assert caught.value.hint


def test_a_pickle_of_another_version_is_refused() -> None:
    data = pickled(logistic()).data.replace(b"_sklearn_version\x94\x8c\x051.9.1", b"_sklearn_version\x94\x8c\x050.0.1")
    if data == pickled(logistic()).data:
        pytest.skip("the pickle is laid out in another way")
    with pytest.raises(BadInput, match="versions that wrote it"):
        sklearn.unpickle(data)


def test_without_pandas_a_pipeline_by_names_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pickled(pipeline()).data
    estimator = sklearn.unpickle(data)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(BadInput, match="pandas is not installed"):
        sklearn.SklearnPredictor(estimator, ModelSpec(task=Task.BINARY, features=MIXED.features))
