from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

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
from watchkeeper.models import onnx, sklearn
from watchkeeper.models.rows import rows_of
from watchkeeper.models.sklearn_onnx import TOLERANCE, Refused, compile_estimator
from watchkeeper.models.task import ModelSpec, Task


def compiled(model: Any, task: Task = Task.BINARY, features: Any = NUMBERS.features) -> tuple[Any, Any, str]:
    """scikit-learn's outputs, the compiled model's, and the note."""
    spec = ModelSpec(task=task, features=features)
    predictor = sklearn.load(pickled(model).data, spec)
    spec = ModelSpec(task=task, features=features, classes=predictor.classes)
    rows = rows_of(table(), features, predictor.layout)
    expected = predictor.predict(rows)
    data, note = compile_estimator(predictor, spec, rows, expected)
    return expected, onnx.load(data, spec).predict(rows), note


@pytest.mark.parametrize(
    ("model", "task", "features"),
    [
        (logistic(), Task.BINARY, NUMBERS.features),
        (pipeline(), Task.BINARY, MIXED.features),
        (pipeline_by_place(), Task.BINARY, MIXED.features),
        (LogisticRegression().fit(numbers(), frame()["c"].astype(str)), Task.MULTICLASS, NUMBERS.features),
        (linear(), Task.REGRESSION, NUMBERS.features),
    ],
)
def test_what_agrees_is_compiled_and_the_note_says_how_well(model: Any, task: Task, features: Any) -> None:
    expected, found, note = compiled(model, task, features)
    np.testing.assert_allclose(expected[-1], found[-1], atol=TOLERANCE)
    assert "compiled to ONNX" in note
    assert f"(allowed {TOLERANCE:g})" in note


def test_histogram_gradient_boosting_of_scikit_learn_1_9_runs_as_it_is() -> None:
    model = HistGradientBoostingClassifier(max_iter=5).fit(numbers(), target())
    with pytest.raises(Refused, match="skl2onnx cannot export HistGradientBoostingClassifier"):
        compiled(model)


def test_precision_lost_in_float32_is_seen() -> None:
    big = numbers().copy()
    big[:, 1] += 2**30
    model = LogisticRegression(C=1e9).fit(big - [0, 2**30], target())
    model.intercept_ = model.intercept_ - 2**30 * model.coef_[:, 1]
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features, classes=("0", "1"))
    predictor = sklearn.load(pickled(model).data, spec)
    with pytest.raises(Refused, match="differs by up to"):
        compile_estimator(predictor, spec, big, predictor.predict(big))


def test_other_columns_than_the_schema_s_are_not_compiled() -> None:
    model = LogisticRegression().fit(frame()[["b", "a"]], target())
    with pytest.raises(Refused, match="not the schema's features in order"):
        compiled(model)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda label, p: (label, p + 2 * TOLERANCE), "probability differs by up to"),
        (lambda label, p: (1 - label, p), "labels differ"),
        (lambda label, p: (label, np.where(label == 1, np.nan, p)), "missing values differently"),
    ],
)
def test_any_disagreement_is_a_refusal(change: Any, says: str) -> None:
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features, classes=("0", "1"))
    predictor = sklearn.load(pickled(logistic()).data, spec)
    with pytest.raises(Refused) as caught:
        compile_estimator(predictor, spec, numbers(), change(*predictor.predict(numbers())))
    assert says in str(caught.value)
