from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import Outputs, read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput

N = 60
SHARE = np.linspace(0, 1, N)
ZERO_ONE = [i % 2 for i in range(N)]


def outputs(columns: dict[str, Any], **given: Any) -> Outputs:
    plan = Plan(time="at", until=86_400.0 * 10, **given)
    table = {"at": np.arange(N) * 86_400 / 2, "x": SHARE, **columns}
    return read_outputs(read_history(table, plan), plan)


@pytest.mark.parametrize(
    ("columns", "given", "task", "classes"),
    [
        ({"p": SHARE, "y": ZERO_ONE}, {"scores": ("p",), "label": "y"}, "binary", ("0", "1")),
        ({"p": SHARE}, {"scores": ("p",)}, "binary", ()),
        ({"a": ["no", "yes"] * 30}, {"prediction": "a"}, "binary", ("no", "yes")),
        ({"a": [2, 10, 1] * 20}, {"prediction": "a"}, "multiclass", ("1", "2", "10")),
        ({"a": [0.5, 1.5] * 30, "y": SHARE}, {"prediction": "a", "label": "y"}, "regression", ()),
        ({"a": list(range(N))}, {"prediction": "a"}, "regression", ()),
        ({"a": [0.0, 1.0] * 30}, {"prediction": "a", "task": "regression"}, "regression", ()),
        ({}, {}, "none", ()),
    ],
)
def test_the_task_is_told_from_the_data(
    columns: dict[str, Any], given: dict[str, Any], task: str, classes: tuple[str, ...]
) -> None:
    found = outputs(columns, **given)
    assert (found.task, found.classes) == (task, classes)


def test_classes_become_text_and_missing_ones_stay_missing() -> None:
    labels = pa.array([None if i == 3 else bool(i % 2) for i in range(N)])
    found = outputs({"a": [float(v) for v in ZERO_ONE], "y": labels}, prediction="a", label="y")
    assert found.table["a"].to_pylist()[:3] == ["0", "1", "0"]
    assert found.labels is not None
    assert found.labels.to_pylist()[:5] == ["0", "1", "0", None, "0"]
    assert [feature.categories for feature in found.features] == [("0", "1")]


def test_scores_of_many_classes_are_in_the_order_of_the_classes() -> None:
    thirds = {name: np.full(N, 1 / 3) for name in ("pa", "pb", "pc")}
    found = outputs({**thirds, "y": ["c", "a", "b"] * 20}, scores=("pa", "pb", "pc"), label="y")
    assert (found.task, found.classes) == ("multiclass", ("a", "b", "c"))
    assert [(feature.minimum, feature.maximum) for feature in found.features] == [(0.0, 1.0)] * 3


@pytest.mark.parametrize(
    ("columns", "given", "says"),
    [
        ({"p": 5 * SHARE}, {"scores": ("p",)}, "runs from 0 to 5: these are not probabilities"),
        ({"p": SHARE, "y": [1] * N}, {"scores": ("p",), "label": "y"}, "one value for all 60 rows"),
        ({"p": SHARE, "y": [0, 1, 2] * 20}, {"scores": ("p",), "label": "y"}, "two classes; there are 3"),
        ({"p": SHARE, "q": SHARE, "y": [0, 1, 2] * 20}, {"scores": ("p", "q"), "label": "y"}, "2 scores for 3 classes"),
        ({"p": SHARE, "y": [None] * 40 + ZERO_ONE[:20]}, {"scores": ("p",), "label": "y"}, "No row before"),
        ({"a": ["x", "y"] * 30}, {"prediction": "a", "task": "regression"}, "not a number in row 0"),
        (
            {"a": ["x", "z"] * 30, "y": ZERO_ONE},
            {"prediction": "a", "label": "y"},
            "no class in common: one holds x, z",
        ),
        ({"a": [[1]] * N}, {"prediction": "a"}, "'a' holds list"),
    ],
)
def test_contradictions_are_said(columns: dict[str, Any], given: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as raised:
        outputs(columns, **given)
    assert says in str(raised.value)
