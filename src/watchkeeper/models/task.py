"""What a model predicts, and so which outputs it gives.

binary      `label`, `probability` (of the positive class: the last of the classes in order)
multiclass  `label`, `probability.<class>` for each class
regression  `prediction`

A label is answered in its own type (INT64, BOOL, BYTES) and recorded as text: `0`, `1`, `true`, `AA`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.outputs import LABEL, PREDICTION, PROBABILITY, label_text

__all__ = ["ModelSpec", "Task", "classes_of", "label_text", "output_features", "output_names"]


class Task(StrEnum):
    """What the model's answer means."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a runtime must know of a model beside its bytes.

    `features` are in the schema's order. `classes` are the texts of the labels in the order of the probabilities;
    empty where they are not known yet (at registration) or make no sense (regression).
    """

    task: Task
    features: tuple[Feature, ...]
    classes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features in order."""
        return tuple(feature.name for feature in self.features)


def output_names(task: Task, classes: Sequence[str]) -> tuple[str, ...]:
    """Names of the outputs of a model, in the order in which predictors give them."""
    if task is Task.REGRESSION:
        return (PREDICTION,)
    if task is Task.BINARY:
        return (LABEL, PROBABILITY)
    return (LABEL, *(f"{PROBABILITY}.{name}" for name in classes))


def output_features(task: Task, classes: Sequence[str]) -> tuple[Feature, ...]:
    """The outputs of a model as columns of its schema."""
    return tuple(_output_feature(name, classes) for name in output_names(task, classes))


def _output_feature(name: str, classes: Sequence[str]) -> Feature:
    if name == LABEL:
        return Feature(name=name, type=FeatureType.CATEGORICAL, nullable=False, categories=tuple(classes))
    if name == PREDICTION:
        return Feature(name=name, type=FeatureType.NUMERIC)
    return Feature(name=name, type=FeatureType.NUMERIC, minimum=0.0, maximum=1.0)


def classes_of(outputs: Sequence[Feature]) -> tuple[str, ...]:
    """The classes kept in a schema's outputs; empty for a regression."""
    for output in outputs:
        if output.name == LABEL:
            return output.categories or ()
    return ()
