from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.models.classes import (
    check_probabilities,
    class_texts,
    datatype_of,
    describe,
    from_probabilities,
    label_values,
    positive_column,
)
from watchkeeper.models.task import Task

P = np.array([0.2, 0.8, 0.5])


@pytest.mark.parametrize("shape", [P, P[:, None], np.column_stack([1 - P, P])])
def test_binary_probabilities_come_in_three_shapes(shape: Any) -> None:
    label, probability = from_probabilities(Task.BINARY, np.array([0, 1]), shape)
    assert label.tolist() == [0, 1, 0]
    np.testing.assert_allclose(probability, P)


def test_multiclass_takes_the_most_probable() -> None:
    outputs = from_probabilities(Task.MULTICLASS, np.array(["a", "b", "c"]), np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0]]))
    assert [array.tolist() for array in outputs] == [["c", "a"], [0.1, 0.5], [0.2, 0.5], [0.7, 0.0]]


def test_wrong_shapes_are_told() -> None:
    with pytest.raises(BadInput, match="for 2 classes"):
        from_probabilities(Task.MULTICLASS, np.array([0, 1]), np.zeros((1, 3)))
    with pytest.raises(BadInput, match="binary"):
        positive_column(np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("array", "datatype"),
    [
        (np.zeros(1, np.float32), "FP32"),
        (np.zeros(1), "FP64"),
        (np.zeros(1, np.int32), "INT64"),
        (np.zeros(1, np.bool_), "BOOL"),
        (np.array(["a"]), "BYTES"),
        (np.array(["a"], dtype=object), "BYTES"),
    ],
)
def test_arrays_have_their_datatype(array: Any, datatype: str) -> None:
    assert datatype_of(array) == datatype


def test_outputs_are_described_by_name() -> None:
    found = describe(Task.BINARY, ("0", "1"), (np.zeros(1, np.int64), np.zeros(1)))
    assert [(item.name, item.datatype) for item in found] == [("label", "INT64"), ("probability", "FP64")]


def test_labels_and_their_texts() -> None:
    assert label_values(("0", "1")).tolist() == [0, 1]
    assert label_values(("-1", "1")).tolist() == [-1, 1]
    assert label_values(("no", "1")).tolist() == ["no", "1"]
    assert class_texts(np.array([False, True])) == ("false", "true")
    assert class_texts(np.array([0.0, 1.0])) == ("0", "1")


def test_scores_are_no_probabilities() -> None:
    check_probabilities(np.array([0.0, 1.0, np.nan, 1 + 1e-9]))
    with pytest.raises(BadInput, match=r"from -3 to 2: these are not probabilities"):
        check_probabilities(np.array([-3.0, 2.0]))
