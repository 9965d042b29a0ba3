"""One contract for every runtime: outputs of the task, the same from row and batch, missing values, threads, trust."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import lightgbm
import numpy as np
import pytest
import xgboost

from tests.helpers.artifacts import NUMBERS, linear, logistic, numbers, pickled, table, target
from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.models.artifact import Artifact, make_artifact
from watchkeeper.models.predictor import Predictor
from watchkeeper.models.register import prepare, slice_rows
from watchkeeper.models.rows import rows_of
from watchkeeper.models.runtimes import RUNS_CODE, RUNTIMES, load_predictor
from watchkeeper.models.task import ModelSpec, Task, output_names

CLASS = b"""
import numpy as np
class Score:
    layout = "matrix"
    def predict(self, rows):
        return 1 / (1 + np.exp(-rows[:, 0]))
"""


def lightgbm_text(objective: str = "binary") -> bytes:
    data = lightgbm.Dataset(numbers(), target())
    return lightgbm.train({"objective": objective, "verbose": -1}, data, 5).model_to_string().encode()


def xgboost_bytes(objective: str = "binary:logistic") -> bytes:
    data = xgboost.DMatrix(numbers(), target())
    return bytes(xgboost.train({"objective": objective}, data, 5).save_raw("ubj"))


@cache
def artifact(runtime: str, task: Task) -> Artifact:
    binary = task is Task.BINARY
    if runtime == "onnx":
        model = pickled(logistic() if binary else linear())
        return prepare(model, table(), NUMBERS, task, trust=True).artifact
    made = {
        "sklearn": lambda: pickled(logistic() if binary else linear()).data,
        "lightgbm": lambda: lightgbm_text("binary" if binary else "regression"),
        "xgboost": lambda: xgboost_bytes("binary:logistic" if binary else "reg:squarederror"),
        "pyclass": lambda: CLASS,
    }[runtime]()
    return make_artifact(runtime, made)


def load(runtime: str, task: Task) -> Predictor:
    found = artifact(runtime, task)
    spec = ModelSpec(task=task, features=NUMBERS.features)
    return load_predictor(runtime, found.data, found.digest, spec, trust=True)


@pytest.fixture(params=[*RUNTIMES])
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("task", [Task.BINARY, Task.REGRESSION])
def test_outputs_are_those_of_the_task(runtime: str, task: Task) -> None:
    predictor = load(runtime, task)
    rows = rows_of(table(), NUMBERS.features, predictor.layout)
    found = predictor.predict(rows)
    assert tuple(output.name for output in predictor.outputs) == output_names(task, predictor.classes)
    assert [array.shape for array in found] == [(table().num_rows,)] * len(found)
    if task is Task.BINARY:
        assert predictor.classes == ("0", "1")
        assert set(found[0].tolist()) == {0, 1}
        np.testing.assert_array_equal(found[0] == 1, found[1] > 0.5)
    predictor.close()


def test_a_batch_answers_like_its_rows(runtime: str) -> None:
    predictor = load(runtime, Task.BINARY)
    rows = rows_of(table(), NUMBERS.features, predictor.layout)
    batch = predictor.predict(slice_rows(rows, 0, 20))[1]
    single = [predictor.predict(slice_rows(rows, index, index + 1))[1][0] for index in range(20)]
    np.testing.assert_allclose(batch, single, atol=1e-6)


def test_predict_is_safe_in_threads_and_leaves_its_input_alone(runtime: str) -> None:
    predictor = load(runtime, Task.BINARY)
    rows = rows_of(table(), NUMBERS.features, predictor.layout)
    assert isinstance(rows, np.ndarray)
    before, expected = rows.copy(), predictor.predict(rows)[1]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: predictor.predict(rows)[1], range(16)):
            np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(rows, before)


def test_bytes_that_are_not_the_pinned_ones_are_never_loaded(runtime: str) -> None:
    found = artifact(runtime, Task.BINARY)
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    with pytest.raises(Unavailable, match="has changed"):
        load_predictor(runtime, found.data + b" ", found.digest, spec, trust=True)


def test_what_runs_code_needs_trust(runtime: str) -> None:
    found = artifact(runtime, Task.BINARY)
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    if runtime in RUNS_CODE:
        with pytest.raises(BadInput, match="--trust-pickle"):
            load_predictor(runtime, found.data, found.digest, spec, trust=False)
    else:
        load_predictor(runtime, found.data, found.digest, spec, trust=False)


def test_garbage_is_bad_input(runtime: str) -> None:
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    for data in (b"garbage", b"\x08\x01", b"tree\n", b'{"learner":1}', b"def broken(:"):
        found = make_artifact("m", data)
        with pytest.raises(BadInput):
            load_predictor(runtime, found.data, found.digest, spec, trust=True)


def test_the_wrong_number_of_features_is_bad_input(runtime: str) -> None:
    if runtime == "pyclass":
        pytest.skip("a class says nothing of its features")
    found = artifact(runtime, Task.BINARY)
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features[:1])
    with pytest.raises(BadInput):
        load_predictor(runtime, found.data, found.digest, spec, trust=True)


def test_an_unknown_runtime_names_the_known_ones() -> None:
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    with pytest.raises(BadInput, match="onnx, sklearn, lightgbm, xgboost, pyclass"):
        load_predictor("torch", b"", "", spec, trust=True)


def test_a_missing_runtime_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = artifact("xgboost", Task.BINARY)
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    monkeypatch.setitem(__import__("sys").modules, "watchkeeper.models.xgboost", None)
    with pytest.raises(BadInput, match=r"watchkeeper\[xgboost\]"):
        load_predictor("xgboost", found.data, found.digest, spec, trust=False)
