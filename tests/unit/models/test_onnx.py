from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from tests.helpers.artifacts import MIXED, NUMBERS, frame, logistic, numbers, pickled, pipeline, table, target
from watchkeeper.events.errors import BadInput
from watchkeeper.models import onnx
from watchkeeper.models.register import prepare
from watchkeeper.models.rows import Layout, rows_of
from watchkeeper.models.task import ModelSpec, Task
from watchkeeper.schema.feature import Feature, FeatureType

TYPES = [("features", FloatTensorType([None, 2]))]


def spec(task: Task = Task.BINARY, classes: tuple[str, ...] = (), features: Any = NUMBERS.features) -> ModelSpec:
    return ModelSpec(task=task, features=features, classes=classes)


def converted(model: Any, *, zipmap: bool = False) -> bytes:
    made = to_onnx(model, initial_types=TYPES, options={id(model): {"zipmap": zipmap}}, target_opset=17)
    return bytes(made.SerializeToString())


def graph(inputs: list[Any], outputs: list[Any], nodes: list[Any]) -> bytes:
    """A small hand-made model."""
    made = helper.make_model(
        helper.make_graph(nodes, "g", inputs, outputs), opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    return bytes(made.SerializeToString())


def value(name: str, kind: int, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def sigmoid_of(shape: list[Any], name: str = "x") -> bytes:
    """A model that gives a float of its input's shape and no label."""
    node = helper.make_node("Sigmoid", [name], ["p"])
    return graph([value(name, TensorProto.FLOAT, shape)], [value("p", TensorProto.FLOAT, shape)], [node])


def test_a_pipeline_of_columns_takes_text_and_missing_text_is_empty() -> None:
    prepared = prepare(pickled(pipeline()), table(), MIXED, Task.BINARY, trust=True)
    assert prepared.runtime == "onnx"
    predictor = onnx.load(prepared.artifact.data, spec(features=MIXED.features, classes=("0", "1")))
    assert predictor.layout is Layout.COLUMNS
    rows = {"a": np.zeros(2), "b": np.zeros(2), "c": np.array([None, ""], dtype=object)}
    found = predictor.predict(rows)[1]
    assert found[0] == found[1]


@pytest.mark.parametrize("zipmap", [False, True])
def test_probabilities_come_with_or_without_a_zipmap(zipmap: bool) -> None:
    model = logistic()
    predictor = onnx.load(converted(model, zipmap=zipmap), spec())
    rows = rows_of(table(), NUMBERS.features, Layout.MATRIX)
    np.testing.assert_allclose(predictor.predict(rows)[1], model.predict_proba(rows)[:, 1], atol=1e-6)


@pytest.mark.parametrize("zipmap", [False, True])
def test_classes_are_learnt_from_the_labels(zipmap: bool) -> None:
    model = LogisticRegression().fit(numbers(), frame()["c"])
    data = converted(model, zipmap=zipmap)
    rows = rows_of(table(), NUMBERS.features, Layout.MATRIX)
    classes = onnx.learn_classes(data, spec(Task.MULTICLASS), rows)
    assert classes == ("x", "y", "z")
    predictor = onnx.load(data, spec(Task.MULTICLASS, classes))
    found = predictor.predict(rows)
    assert [output.name for output in predictor.outputs] == ["label", *(f"probability.{name}" for name in "xyz")]
    np.testing.assert_array_equal(found[0], model.predict(rows))


def test_classes_that_cannot_be_told_are_asked_for() -> None:
    labels = np.where(target() == 1, "yes", "no").astype(object)
    labels[:3] = "rare"
    model = LogisticRegression().fit(numbers(), labels)
    few = rows_of(table().slice(0, 1), NUMBERS.features, Layout.MATRIX)
    with pytest.raises(BadInput, match="has 3 classes, but on the reference it predicts only 1"):
        onnx.learn_classes(converted(model), spec(Task.MULTICLASS), few)


def test_whole_number_classes_need_not_all_be_seen() -> None:
    few = rows_of(table().slice(0, 1), NUMBERS.features, Layout.MATRIX)
    assert onnx.learn_classes(converted(logistic()), spec(), few) == ("0", "1")


@pytest.mark.parametrize("shape", [[None, 1], [None]])
def test_a_lone_probability_is_given_a_label(shape: list[Any]) -> None:
    one = NUMBERS.features[:1]
    predictor = onnx.load(sigmoid_of(shape, "a"), spec(features=one))
    label, probability = predictor.predict({"a": np.array([-5.0, 5.0])})
    assert label.tolist() == [0, 1]
    assert probability.shape == (2,)


def test_an_exact_input_cannot_be_missing() -> None:
    nodes = [helper.make_node("Cast", ["a"], ["y"], to=TensorProto.FLOAT)]
    data = graph([value("a", TensorProto.INT64, [None, 1])], [value("y", TensorProto.FLOAT, [None, 1])], nodes)
    predictor = onnx.load(data, spec(Task.REGRESSION, features=NUMBERS.features[:1]))
    assert predictor.predict({"a": np.array([3.0])})[0].tolist() == [3.0]
    with pytest.raises(BadInput, match="'a' may not be missing"):
        predictor.predict({"a": np.array([np.nan])})


@pytest.mark.parametrize(
    ("data", "asked", "says"),
    [
        (sigmoid_of([None, 3]), spec(), "takes 3 columns; the schema has 2 features"),
        (sigmoid_of([None, 2, 2]), spec(), "an input 'x', which is no feature"),
        (sigmoid_of([None, 3]), spec(features=MIXED.features), "feature 'c' does not fit"),
        (
            graph(
                [value("a", TensorProto.FLOAT, [None, 1])],
                [value("y", TensorProto.INT64, [None, 1])],
                [helper.make_node("Cast", ["a"], ["y"], to=TensorProto.INT64)],
            ),
            spec(),
            "gives no floating-point output (y: tensor(int64))",
        ),
        (
            graph(
                [value("a", TensorProto.UINT16, [None, 1])],
                [value("y", TensorProto.UINT16, [None, 1])],
                [helper.make_node("Identity", ["a"], ["y"])],
            ),
            spec(),
            "JSON rows cannot fill",
        ),
        (b"\x08\x07", spec(), "cannot load the artifact"),
    ],
    ids=["width", "rank", "text", "no float output", "datatype", "not a model"],
)
def test_what_does_not_fit_the_schema_is_told(data: bytes, asked: ModelSpec, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        onnx.load(data, asked)
    assert says in str(caught.value)


def test_a_multiclass_without_labels_has_numbered_classes() -> None:
    found = onnx.load(sigmoid_of([None, 2]), spec(Task.MULTICLASS))
    assert found.classes == ("0", "1")
    assert Feature(name="a", type=FeatureType.NUMERIC) in NUMBERS.features
