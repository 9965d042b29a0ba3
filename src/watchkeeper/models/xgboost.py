"""XGBoost, native: the JSON or UBJSON that `save_model` writes. It is data, not code, so no trust is needed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xgboost

from watchkeeper.events.errors import BadInput
from watchkeeper.models.classes import describe, from_probabilities, label_values
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows, in_order, require_numbers
from watchkeeper.models.task import ModelSpec, Task

_BINARY = "binary:logistic"
_MULTICLASS = "multi:softprob"


class XgboostPredictor:
    """A booster behind the outputs of the task. One thread a call: requests are the parallel part."""

    layout = Layout.MATRIX

    def __init__(self, booster: Any, spec: ModelSpec) -> None:
        self._booster = booster
        self._spec = spec
        self._order = _order(booster, spec)
        self.classes = spec.classes or _classes(booster, spec)
        self._labels = label_values(self.classes)
        self.outputs = describe(spec.task, self.classes, self.predict(np.zeros((1, len(spec.features)))))

    def predict(self, rows: Rows) -> Outputs:
        """The task's outputs in float32. NaN is XGBoost's own missing value."""
        matrix = in_order(rows, self._order)
        found = np.asarray(self._booster.inplace_predict(matrix, validate_features=False))
        if self._spec.task is Task.REGRESSION:
            return (found.reshape(-1),)
        return from_probabilities(self._spec.task, self._labels, found)

    def close(self) -> None:
        """The booster is freed with its last reference."""


def load(data: bytes, spec: ModelSpec) -> XgboostPredictor:
    """A predictor from XGBoost's JSON or UBJSON. BadInput says what does not fit the schema or the task."""
    require_numbers("XGBoost", spec.features)
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(data))
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise BadInput(f"XGBoost cannot load the artifact: {_reason(error)}", hint="Use save_model.") from error
    _check_objective(booster, spec)
    return XgboostPredictor(booster, spec)


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0][-200:]


def _learner(booster: Any) -> Any:
    return json.loads(booster.save_config())["learner"]


def _check_objective(booster: Any, spec: ModelSpec) -> None:
    objective = _learner(booster)["objective"]["name"]
    wanted = {Task.BINARY: _BINARY, Task.MULTICLASS: _MULTICLASS}.get(spec.task)
    if wanted not in (None, objective):
        raise BadInput(
            f"The booster's objective is {objective!r}; a {spec.task} model needs {wanted!r} to give probabilities.",
            hint="Train it with that objective, or choose another --task.",
        )


def _classes(booster: Any, spec: ModelSpec) -> tuple[str, ...]:
    if spec.task is Task.REGRESSION:
        return ()
    found = int(_learner(booster)["learner_model_param"]["num_class"])
    return tuple(str(index) for index in range(max(found, 2)))


def _order(booster: Any, spec: ModelSpec) -> list[int] | None:
    names = booster.feature_names
    if names is None:
        if booster.num_features() != len(spec.names):
            raise BadInput(
                f"The model takes {booster.num_features()} features; the schema has {len(spec.names)}.",
                hint="Columns that are no features (ids, times, the target) must be left out of the reference.",
            )
        return None
    missing = [name for name in names if name not in spec.names]
    if missing:
        raise BadInput(
            f"The model takes a feature {missing[0]!r}, which the schema does not have.",
            hint=f"Features are {', '.join(spec.names)}.",
        )
    return None if tuple(names) == spec.names else [spec.names.index(name) for name in names]
