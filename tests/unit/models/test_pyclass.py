from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.artifacts import NUMBERS
from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.models import pyclass
from watchkeeper.models.rows import Layout
from watchkeeper.models.task import ModelSpec, Task

COLUMNS = {"a": np.array([1.0, -1.0]), "b": np.zeros(2)}
HEAD = "import numpy as np\nclass M:\n"


def load(body: str, task: Task = Task.BINARY, head: str = HEAD) -> pyclass.PyclassPredictor:
    return pyclass.load((head + body).encode(), ModelSpec(task=task, features=NUMBERS.features))


def test_a_class_gets_columns_and_gives_probabilities() -> None:
    predictor = load("    def predict(self, rows): return (rows['a'] > 0) * 0.9\n")
    label, probability = predictor.predict(COLUMNS)
    assert (predictor.layout, label.tolist(), probability.tolist()) == (Layout.COLUMNS, [1, 0], [0.9, 0.0])


def test_it_may_ask_for_a_matrix_and_name_its_classes() -> None:
    predictor = load(
        "    layout = 'matrix'\n    classes = ('cat', 'dog')\n    def predict(self, rows): return rows / 10\n"
    )
    assert predictor.predict(np.array([[1.0, 9.0]]))[0].tolist() == ["dog"]


def test_regression_multiclass_and_close() -> None:
    body = "    def predict(self, rows): return rows['a'] * 2\n    def close(self): self.closed = True\n"
    predictor = load(body, Task.REGRESSION)
    assert predictor.predict(COLUMNS)[0].tolist() == [2.0, -2.0]
    predictor.close()
    many = "    classes = (1, 2, 3)\n    def predict(self, rows): return [[0.1, 0.2, 0.7]] * len(rows['a'])\n"
    assert load(many, Task.MULTICLASS).predict(COLUMNS)[0].tolist() == [3, 3]


@pytest.mark.parametrize(
    ("source", "task", "says"),
    [
        ("def broken(:", Task.BINARY, "does not run: SyntaxError"),
        ("1 / 0", Task.BINARY, "does not run: ZeroDivisionError"),
        ("x = 1", Task.BINARY, "it defines 0"),
        ("class A:\n  def predict(s, r): ...\nclass B:\n  def predict(s, r): ...", Task.BINARY, "it defines 2"),
        ("class A:\n  def __init__(s, x): ...\n  def predict(s, r): ...", Task.BINARY, "made without arguments"),
        ("class A:\n  layout = 'rows'\n  def predict(s, r): ...", Task.BINARY, "not 'rows'"),
        ("class A:\n  def predict(s, r): ...", Task.MULTICLASS, "must say its `classes`"),
        ('{"target":"a:b"}', Task.BINARY, "reference to an installed class is not valid"),
    ],
)
def test_what_is_no_model_class_is_told(source: str, task: Task, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(source, task, head="")
    assert says in str(caught.value)


def test_an_installed_class_is_pinned_by_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "my_scores_for_a_test.py"
    source.write_text("class Score:\n    def predict(self, rows): return rows['a'] * 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    artifact = pyclass.installed_artifact("my_scores_for_a_test:Score")
    spec = ModelSpec(task=Task.BINARY, features=NUMBERS.features)
    assert pyclass.load(artifact.data, spec).predict(COLUMNS)[1].tolist() == [0.0, 0.0]
    del sys.modules["my_scores_for_a_test"]
    source.write_text("class Score:\n    def predict(self, rows): return rows['a'] * 1  # changed, and longer\n")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for cached in tmp_path.rglob("*.pyc"):
        cached.unlink()
    __import__("linecache").checkcache()
    with pytest.raises(Unavailable, match="is not the one that was registered"):
        pyclass.load(artifact.data, spec)
    for target in ("no_such_module:Score", "my_scores_for_a_test:None", "nothing", ":"):
        with pytest.raises(BadInput, match=r"package\.module:Class"):
            pyclass.installed_artifact(target)
