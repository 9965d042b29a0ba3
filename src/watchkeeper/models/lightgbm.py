"""LightGBM, native: the text that `Booster.save_model` writes. It is data, not code, so no trust is needed."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.models.classes import describe, from_probabilities, label_values
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows, in_order, require_numbers
from watchkeeper.models.task import ModelSpec, Task


class LightgbmPredictor:
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
        """The task's outputs in float64. NaN is LightGBM's own missing value."""
        matrix = in_order(rows, self._order)
        found = np.asarray(self._booster.predict(matrix, num_threads=1, validate_features=False))
        if self._spec.task is Task.REGRESSION:
            return (found.reshape(-1),)
        return from_probabilities(self._spec.task, self._labels, found)

    def close(self) -> None:
        """The booster is freed with its last reference."""


def load(data: bytes, spec: ModelSpec) -> LightgbmPredictor:
    """A predictor from LightGBM's text format. BadInput says what does not fit the schema or the task."""
    require_numbers("LightGBM", spec.features)
    try:
        booster = lightgbm.Booster(model_str=data.decode())
    except (lightgbm.basic.LightGBMError, UnicodeDecodeError) as error:
        raise BadInput(
            f"LightGBM cannot load the artifact: {str(error)[:300]}", hint="Use Booster.save_model."
        ) from error
    return LightgbmPredictor(booster, spec)


def _order(booster: Any, spec: ModelSpec) -> list[int] | None:
    names = tuple(booster.feature_name())
    if len(names) == len(spec.names) and (names == spec.names or names == _anonymous(len(names))):
        return None
    spaced = tuple(name.replace(" ", "_") for name in spec.names)
    missing = [name for name in names if name not in spaced]
    if missing:
        raise BadInput(
            f"The model takes a feature {missing[0]!r}, which the schema does not have.",
            hint=f"Features are {', '.join(spec.names)}.",
        )
    return [spaced.index(name) for name in names]


def _anonymous(width: int) -> tuple[str, ...]:
    return tuple(f"Column_{index}" for index in range(width))


def _classes(booster: Any, spec: ModelSpec) -> tuple[str, ...]:
    if spec.task is Task.REGRESSION:
        return ()
    trees = booster.num_model_per_iteration()
    if (spec.task is Task.BINARY) != (trees == 1):
        raise BadInput(f"The booster has {max(trees, 2)} classes.", hint="Choose --task binary or multiclass to match.")
    return tuple(str(index) for index in range(max(trees, 2)))
