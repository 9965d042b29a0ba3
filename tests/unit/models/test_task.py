from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.models.task import ModelSpec, Task, classes_of, label_text, output_features, output_names
from watchkeeper.schema.feature import Feature, FeatureType


def test_each_task_has_its_outputs() -> None:
    assert output_names(Task.BINARY, ("0", "1")) == ("label", "probability")
    assert output_names(Task.MULTICLASS, ("a", "b")) == ("label", "probability.a", "probability.b")
    assert output_names(Task.REGRESSION, ()) == ("prediction",)


def test_classes_are_kept_in_the_schema_s_label() -> None:
    outputs = output_features(Task.MULTICLASS, ("b", "a"))
    assert classes_of(outputs) == ("b", "a")
    assert (outputs[0].type, outputs[1].maximum) == (FeatureType.CATEGORICAL, 1.0)
    assert classes_of(output_features(Task.REGRESSION, ())) == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), (0.5, "0.5"), (True, "true"), (np.False_, "false"), (np.int64(3), "3"), ("AA", "AA")],
)
def test_labels_have_one_text(value: object, text: str) -> None:
    assert label_text(value) == text


def test_a_spec_knows_its_names() -> None:
    spec = ModelSpec(task=Task.BINARY, features=(Feature(name="a", type=FeatureType.NUMERIC),))
    assert spec.names == ("a",)
