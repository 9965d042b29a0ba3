from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from tests.helpers.artifacts import MIXED, NUMBERS, linear, logistic, numbers, pickled, pipeline, table, target
from watchkeeper.events.errors import BadInput
from watchkeeper.models.artifact import make_artifact
from watchkeeper.models.register import prepare, slice_rows
from watchkeeper.models.runtimes import load_predictor
from watchkeeper.models.task import ModelSpec, Task, classes_of


def test_a_pipeline_is_compiled_and_what_is_kept_can_be_served() -> None:
    given = pickled(pipeline())
    prepared = prepare(given, table(), MIXED, Task.BINARY, trust=True)
    assert prepared.runtime == "onnx"
    assert prepared.source_digest == given.digest
    assert prepared.artifact.digest == hashlib.sha256(prepared.artifact.data).hexdigest() != given.digest
    assert any("compiled to ONNX" in note for note in prepared.notes)
    spec = ModelSpec(task=Task.BINARY, features=prepared.schema.features, classes=classes_of(prepared.schema.outputs))
    load_predictor(prepared.runtime, prepared.artifact.data, prepared.artifact.digest, spec, trust=False)


def test_the_reference_predictions_are_those_of_the_runtime_that_serves() -> None:
    prepared = prepare(pickled(logistic()), table(), NUMBERS, Task.BINARY, trust=True)
    assert [output.name for output in prepared.schema.outputs] == ["label", "probability"]
    assert [len(array) for array in prepared.outputs.values()] == [table().num_rows] * 2
    probability = prepared.outputs["probability"].to_numpy()
    np.testing.assert_array_equal(probability, probability.astype(np.float32), "ONNX answers in float32")
    assert set(prepared.outputs["label"].to_pylist()) == {"0", "1"}


def test_what_cannot_be_compiled_runs_as_it_is_with_a_note() -> None:
    model = HistGradientBoostingClassifier(max_iter=5).fit(numbers(), target())
    prepared = prepare(pickled(model), table(), NUMBERS, Task.BINARY, trust=True)
    assert prepared.runtime == "sklearn"
    assert prepared.trusted
    assert "runs as it is in scikit-learn: skl2onnx cannot export" in prepared.notes[-1]


def test_a_pickle_without_trust_is_refused_before_it_is_opened() -> None:
    bomb = make_artifact("m.pkl", b"\x80\x04cos\nabort\n(tR.")
    with pytest.raises(BadInput, match="--trust-pickle"):
        prepare(bomb, table(), NUMBERS, Task.BINARY)


def test_an_onnx_file_needs_no_trust_and_its_classes_are_learnt() -> None:
    onnx = prepare(pickled(logistic()), table(), NUMBERS, Task.BINARY, trust=True).artifact
    again = prepare(onnx, table(), NUMBERS, Task.BINARY)
    assert (again.runtime, again.classes, again.trusted) == ("onnx", ("0", "1"), False)


def test_a_regression_has_no_classes() -> None:
    prepared = prepare(pickled(linear()), table(), NUMBERS, Task.REGRESSION, trust=True)
    assert prepared.classes == ()
    assert list(prepared.outputs) == ["prediction"]


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(BadInput, match="has no rows"):
        prepare(pickled(logistic()), table().slice(0, 0), NUMBERS, Task.BINARY, trust=True)
    holes = table().set_column(0, "a", pa.nulls(table().num_rows, pa.float64()))
    with pytest.raises(BadInput, match="fails on the reference rows: ValueError"):
        prepare(pickled(logistic()), holes, NUMBERS, Task.BINARY, trust=True)
    scores = make_artifact("m.py", b"class M:\n    def predict(self, rows): return rows['b']\n")
    with pytest.raises(BadInput, match="these are not probabilities"):
        prepare(scores, table(), NUMBERS, Task.BINARY, trust=True)


def test_rows_are_cut_in_either_layout() -> None:
    assert slice_rows(np.arange(6.0).reshape(3, 2), 1, 2).tolist() == [[2.0, 3.0]]  # type: ignore[union-attr]
    cut = slice_rows({"a": np.arange(3)}, 1, 3)
    assert isinstance(cut, dict)
    assert cut["a"].tolist() == [1, 2]


def test_a_classifier_is_no_regression() -> None:
    with pytest.raises(BadInput, match="predicts classes"):
        prepare(pickled(logistic()), table(), NUMBERS, Task.REGRESSION, trust=True)
