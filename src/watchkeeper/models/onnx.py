"""ONNX Runtime: one thread a call, weights inside the file only.

Inputs are either ONE 2-D tensor [n, F] whose columns are the features in the schema's order, or one tensor [n, 1]
(or [n]) a feature, named as the feature. A missing text is sent as the empty string: ONNX has no null. A missing
number is NaN; a model whose input is int64 or bool cannot take one, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from watchkeeper.events.errors import BadInput
from watchkeeper.models.classes import class_texts, describe, from_probabilities, label_values, positive_column
from watchkeeper.models.onnx_file import refuse_external_data
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows, is_numeric
from watchkeeper.models.task import ModelSpec, Task

_DTYPES: dict[str, type[np.generic] | None] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
    "tensor(string)": None,
}
_FLOATS = ("tensor(float)", "tensor(double)")
_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")


class OnnxPredictor:
    """A session of ONNX Runtime behind the outputs of the task."""

    def __init__(self, session: ort.InferenceSession, spec: ModelSpec) -> None:
        self._run = session.run
        self._spec = spec
        self._inputs = session.get_inputs()
        self.layout = _layout(self._inputs, spec)
        self._label, self._scores = _outputs(session, spec)
        self._wanted = [name for name in (self._label, self._scores) if name is not None]
        self._single = self._inputs[0].name
        self._dtype = _DTYPES[self._inputs[0].type]
        self._feeds = [] if self.layout is Layout.MATRIX else [_feed(item) for item in self._inputs]
        self.classes = spec.classes or _default_classes(session, self._scores, spec)
        self._label_values = label_values(self.classes)
        self.outputs = describe(spec.task, self.classes, self._probe())

    def predict(self, rows: Rows) -> Outputs:
        """The task's outputs; numbers are computed in the precision of the model (usually FP32)."""
        found = self._run(self._wanted, self._feed_of(rows))
        scores = found[-1]
        if self._spec.task is Task.REGRESSION:
            return (np.asarray(scores).reshape(-1),)
        if isinstance(scores, list):
            scores = _zipmap(scores)
        if self._label is None:
            return from_probabilities(self._spec.task, self._label_values, scores)
        label = found[0].reshape(-1)
        if self._spec.task is Task.BINARY:
            return label, positive_column(scores)
        return (label, *scores.T)

    def close(self) -> None:
        """The session is freed with its last reference."""

    def _feed_of(self, rows: Rows) -> dict[str, NDArray[Any]]:
        if isinstance(rows, np.ndarray):
            return {self._single: rows.astype(self._dtype)}
        return {name: convert(rows) for name, convert in self._feeds}

    def _probe(self) -> Outputs:
        if self.layout is Layout.MATRIX:
            return self.predict(np.zeros((1, len(self._spec.features))))
        return self.predict({feature.name: _zero(is_numeric(feature)) for feature in self._spec.features})


def load(data: bytes, spec: ModelSpec) -> OnnxPredictor:
    """A predictor from the bytes of an ONNX file. BadInput says what does not fit the schema or the task."""
    return OnnxPredictor(open_session(data), spec)


def open_session(data: bytes) -> ort.InferenceSession:
    """A session of one thread over verified bytes, its weights all inside them."""
    refuse_external_data(data)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises classes of its own, all directly under Exception
        raise BadInput(f"ONNX Runtime cannot load the artifact: {str(error)[:300]}") from error


def learn_classes(data: bytes, spec: ModelSpec, rows: Rows) -> tuple[str, ...]:
    """The classes in the order of the probabilities, learnt from which label goes with which greatest probability."""
    session = open_session(data)
    predictor = OnnxPredictor(session, spec)
    label, scores = predictor._label, predictor._scores
    if spec.task is Task.REGRESSION or label is None:
        return predictor.classes
    labels, found = session.run([label, scores], predictor._feed_of(rows))
    if isinstance(found, list):
        return class_texts(np.array(list(found[0])))
    if found.ndim != 2 or found.shape[1] < 2:
        return _sorted_pair(labels)
    best = found.argmax(axis=1)
    seen = {int(index): text for index, text in zip(best, class_texts(labels.reshape(-1)), strict=True)}
    if all(text == str(index) for index, text in seen.items()):
        return tuple(str(index) for index in range(found.shape[1]))
    if len(seen) < found.shape[1]:
        raise BadInput(
            f"The model has {found.shape[1]} classes, but on the reference it predicts only {len(seen)} of them, "
            "so their names cannot be told.",
            hint="Give a reference in which every class is predicted, or export labels as 0, 1, 2, ….",
        )
    return tuple(seen[index] for index in range(found.shape[1]))


def _sorted_pair(labels: NDArray[Any]) -> tuple[str, ...]:
    texts = sorted(set(class_texts(labels.reshape(-1))))
    return tuple(texts) if len(texts) == 2 else ("0", "1")


def _layout(inputs: list[Any], spec: ModelSpec) -> Layout:
    for item in inputs:
        if item.type not in _DTYPES:
            raise BadInput(f"ONNX input {item.name!r} is {item.type}, which JSON rows cannot fill.")
    if len(inputs) == 1 and len(inputs[0].shape) == 2 and inputs[0].name not in spec.names:
        return _matrix_layout(inputs[0], spec)
    unknown = [item.name for item in inputs if item.name not in spec.names]
    if unknown:
        raise BadInput(
            f"The ONNX model takes an input {unknown[0]!r}, which is no feature of the schema.",
            hint=f"Features are {', '.join(spec.names)}. Rename the inputs, or take one [n, {len(spec.names)}] tensor.",
        )
    return Layout.COLUMNS


def _matrix_layout(item: Any, spec: ModelSpec) -> Layout:
    width = item.shape[1]
    if isinstance(width, int) and width != len(spec.features):
        raise BadInput(
            f"The ONNX model takes {width} columns; the schema has {len(spec.features)} features.",
            hint="Columns that are no features (ids, times, the target) must be named or left out of the reference.",
        )
    texts = [feature.name for feature in spec.features if not is_numeric(feature)]
    if texts or _DTYPES[item.type] is None:
        raise BadInput(
            f"The ONNX model takes all features in one {item.type}; feature {(texts or spec.names)[0]!r} does not fit.",
            hint="Export the model with one input for each feature.",
        )
    return Layout.MATRIX


def _outputs(session: ort.InferenceSession, spec: ModelSpec) -> tuple[str | None, str]:
    """Names of the label output, if there is one, and of the output that holds scores or the prediction."""
    outputs = session.get_outputs()
    scores = [item.name for item in outputs if item.type in _FLOATS or item.type.startswith("seq(map")]
    labels = [item.name for item in outputs if item.type in _LABELS]
    if not scores:
        found = ", ".join(f"{item.name}: {item.type}" for item in outputs)
        raise BadInput(
            f"The ONNX model gives no floating-point output ({found}).",
            hint="A classifier must give probabilities, a regression a float.",
        )
    if spec.task is Task.REGRESSION or not labels:
        return None, scores[0]
    return labels[0], scores[0]


def _default_classes(session: ort.InferenceSession, scores: str | None, spec: ModelSpec) -> tuple[str, ...]:
    if spec.task is Task.REGRESSION:
        return ()
    if spec.task is Task.BINARY:
        return ("0", "1")
    shape = next(item.shape for item in session.get_outputs() if item.name == scores)
    width = shape[-1] if shape else None
    if isinstance(width, int):
        return tuple(str(index) for index in range(width))
    feed = {item.name: _zero_input(item) for item in session.get_inputs()}
    found = session.run([scores], feed)[0]
    width = len(found[0]) if isinstance(found, list) else found.shape[-1]
    return tuple(str(index) for index in range(width))


def _zero_input(item: Any) -> NDArray[Any]:
    shape = [size if isinstance(size, int) and size > 0 else 1 for size in item.shape]
    dtype = _DTYPES[item.type]
    return np.full(shape, "", dtype=object) if dtype is None else np.zeros(shape, dtype=dtype)


def _zero(number: bool) -> NDArray[Any]:
    return np.zeros(1) if number else np.array([""], dtype=object)


def _feed(item: Any) -> tuple[str, Callable[[Mapping[str, NDArray[Any]]], NDArray[Any]]]:
    name, dtype = item.name, _DTYPES[item.type]
    shape = (-1, 1) if len(item.shape) == 2 else (-1,)

    def text(rows: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        column = rows[name]
        return np.array(["" if value is None else str(value) for value in column], dtype=object).reshape(shape)

    def exact(rows: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        column = rows[name]
        if np.isnan(column).any():
            raise BadInput(f"Feature {name!r} may not be missing: the model takes it as {item.type}.")
        return column.astype(dtype).reshape(shape)

    def floating(rows: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        return rows[name].astype(dtype).reshape(shape)

    if dtype is None:
        return name, text
    return name, floating if item.type in _FLOATS else exact


def _zipmap(scores: list[dict[Any, float]]) -> NDArray[np.float32]:
    return np.array([list(row.values()) for row in scores], dtype=np.float32)
