from __future__ import annotations

from typing import Any

import lightgbm as upstream
import numpy as np
import pytest

from tests.helpers.artifacts import MIXED, NUMBERS, frame, numbers, target
from watchkeeper.events.errors import BadInput
from watchkeeper.models import lightgbm
from watchkeeper.models.task import ModelSpec, Task


def train(labels: Any, names: Any = "auto", **params: Any) -> Any:
    data = upstream.Dataset(numbers(), labels, feature_name=names)
    return upstream.train({"verbose": -1, **params}, data, 5)


def load(booster: Any, task: Task, features: Any = NUMBERS.features) -> Any:
    return lightgbm.load(booster.model_to_string().encode(), ModelSpec(task=task, features=features))


def test_it_answers_like_lightgbm_missing_values_included() -> None:
    booster = train(target(), objective="binary")
    rows = numbers().copy()
    rows[::3, 0] = np.nan
    np.testing.assert_allclose(load(booster, Task.BINARY).predict(rows)[1], booster.predict(rows))


def test_named_features_are_found_in_any_order() -> None:
    booster = train(target(), ["b", "a"], objective="binary")
    found = load(booster, Task.BINARY).predict(numbers()[:, ::-1])
    np.testing.assert_allclose(found[1], booster.predict(numbers()))


def test_multiclass_has_a_probability_each() -> None:
    labels = frame()["c"].map({"x": 0, "y": 1, "z": 2}).to_numpy()
    predictor = load(train(labels, objective="multiclass", num_class=3), Task.MULTICLASS)
    found = predictor.predict(numbers())
    assert predictor.classes == ("0", "1", "2")
    np.testing.assert_allclose(sum(found[1:]), 1.0)


def test_what_does_not_fit_is_told() -> None:
    booster = train(target(), objective="binary")
    with pytest.raises(BadInput, match="'c' is not one"):
        load(booster, Task.BINARY, MIXED.features)
    with pytest.raises(BadInput, match="Choose --task"):
        load(booster, Task.MULTICLASS)
    with pytest.raises(BadInput, match="a feature 'other'"):
        load(train(target(), ["a", "other"], objective="binary"), Task.BINARY)
