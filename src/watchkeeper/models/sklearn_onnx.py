"""scikit-learn to ONNX, kept only when both give the same answers on the reference.

Agreement is demanded on every compared row (up to 10,000, evenly spread over the reference):
  probabilities   |difference| <= 1e-4
  regression      |difference| <= 1e-4 of the prediction's standard deviation on the reference
  labels          equal, unless the two best probabilities are within 1e-4 of each other
ONNX works in float32 and has no missing text; where that changes an answer, the model runs as it is, with a note.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType

from watchkeeper.models import onnx
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Layout, Rows, is_numeric
from watchkeeper.models.sklearn import SklearnPredictor
from watchkeeper.models.task import ModelSpec, Task

TOLERANCE = 1e-4
COMPARED_ROWS = 10_000


class Refused(Exception):
    """Why the model cannot run compiled; the text is for the registration's notes."""


def compile_estimator(predictor: SklearnPredictor, spec: ModelSpec, rows: Rows, expected: Outputs) -> tuple[bytes, str]:
    """ONNX bytes that answer like `predictor` on `rows`, and a note with the greatest difference. Raises Refused."""
    data = _convert(predictor.estimator, spec, predictor)
    try:
        compiled = onnx.load(data, spec)
        found = compiled.predict(rows)
    except Exception as error:  # any failure of the compiled model means: run it as it is
        raise Refused(f"the ONNX model does not run ({_first_line(error)})") from error
    return data, _compare(spec.task, expected, found)


def _convert(estimator: Any, spec: ModelSpec, predictor: SklearnPredictor) -> bytes:
    options = {} if spec.task is Task.REGRESSION else {id(estimator): {"zipmap": False}}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = to_onnx(estimator, initial_types=_types(spec, predictor), options=options, target_opset=_OPSET)
    except Exception as error:  # skl2onnx fails in many ways: missing converters, changed private attributes
        raise Refused(f"skl2onnx cannot export {type(estimator).__name__} ({_first_line(error)})") from error
    return bytes(model.SerializeToString())


_OPSET = {"": 17, "ai.onnx.ml": 3}


def _types(spec: ModelSpec, predictor: SklearnPredictor) -> Sequence[tuple[str, Any]]:
    if predictor.layout is Layout.MATRIX:
        if predictor.names != spec.names:
            raise Refused("the model's columns are not the schema's features in order")
        return [("features", FloatTensorType([None, len(spec.features)]))]
    kinds = {feature.name: is_numeric(feature) for feature in spec.features}
    return [
        (name, FloatTensorType([None, 1]) if kinds[name] else StringTensorType([None, 1])) for name in predictor.names
    ]


def _compare(task: Task, expected: Outputs, found: Outputs) -> str:
    if task is Task.REGRESSION:
        return _compare_numbers(expected, found, scale=float(np.std(expected[0])) or 1.0, what="prediction")
    note = _compare_numbers(expected[1:], found[1:], scale=1.0, what="probability")
    clear = _margin(task, expected) > TOLERANCE
    wrong = int((np.asarray(expected[0])[clear] != np.asarray(found[0])[clear]).sum())
    if wrong:
        raise Refused(f"{wrong} of {len(expected[0])} labels differ between scikit-learn and ONNX")
    return note


def _margin(task: Task, outputs: Outputs) -> NDArray[Any]:
    if task is Task.BINARY:
        return np.asarray(np.abs(2 * outputs[1] - 1))
    ordered = np.sort(np.column_stack(outputs[1:]), axis=1)
    margin: NDArray[Any] = ordered[:, -1] - ordered[:, -2]
    return margin


def _compare_numbers(expected: Outputs, found: Outputs, *, scale: float, what: str) -> str:
    worst = 0.0
    for left, right in zip(expected, found, strict=True):
        if not np.array_equal(np.isnan(left), np.isnan(right)):
            raise Refused("scikit-learn and ONNX treat missing values differently")
        gap = np.nanmax(np.abs(left - right), initial=0.0) / scale
        worst = max(worst, float(gap))
    rows = len(expected[0])
    if worst > TOLERANCE:
        raise Refused(f"{what} differs by up to {worst:.2g} over {rows} reference rows, above {TOLERANCE:g}")
    return f"compiled to ONNX: {what} differs by at most {worst:.2g} over {rows} reference rows (allowed {TOLERANCE:g})"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
