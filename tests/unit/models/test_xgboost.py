from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost as upstream

from tests.helpers.artifacts import MIXED, NUMBERS, frame, numbers, target
from watchkeeper.events.errors import BadInput
from watchkeeper.models import xgboost
from watchkeeper.models.task import ModelSpec, Task


def train(labels: Any, objective: str, names: Any = None, **params: Any) -> Any:
    return upstream.train(
        {"objective": objective, **params}, upstream.DMatrix(numbers(), labels, feature_names=names), 5
    )


def load(booster: Any, task: Task, features: Any = NUMBERS.features, form: str = "ubj") -> Any:
    return xgboost.load(bytes(booster.save_raw(form)), ModelSpec(task=task, features=features))


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_it_answers_like_xgboost_missing_values_included(form: str) -> None:
    booster = train(target(), "binary:logistic")
    rows = numbers().copy()
    rows[::3, 0] = np.nan
    expected = booster.predict(upstream.DMatrix(rows))
    np.testing.assert_allclose(load(booster, Task.BINARY, form=form).predict(rows)[1], expected, rtol=1e-6)


def test_named_features_are_found_in_any_order() -> None:
    booster = train(target(), "binary:logistic", ["b", "a"])
    expected = booster.predict(upstream.DMatrix(numbers(), feature_names=["b", "a"]))
    np.testing.assert_allclose(load(booster, Task.BINARY).predict(numbers()[:, ::-1])[1], expected, rtol=1e-6)


def test_multiclass_has_a_probability_each() -> None:
    labels = frame()["c"].map({"x": 0, "y": 1, "z": 2}).to_numpy()
    predictor = load(train(labels, "multi:softprob", num_class=3), Task.MULTICLASS)
    assert predictor.classes == ("0", "1", "2")
    np.testing.assert_allclose(sum(predictor.predict(numbers())[1:]), 1.0, rtol=1e-5)


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(BadInput, match="'c' is not one"):
        load(train(target(), "binary:logistic"), Task.BINARY, MIXED.features)
    with pytest.raises(BadInput, match="objective is 'binary:logitraw'"):
        load(train(target(), "binary:logitraw"), Task.BINARY)
    with pytest.raises(BadInput, match="a feature 'other'"):
        load(train(target(), "binary:logistic", ["a", "other"]), Task.BINARY)
    with pytest.raises(BadInput, match="takes 2 features; the schema has 1"):
        load(train(target(), "binary:logistic"), Task.BINARY, NUMBERS.features[:1])
