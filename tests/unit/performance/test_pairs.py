"""Outputs and labels of every task are normalised, or refused with the row and the reason."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.pairs import Pairs

AB = ("a", "b")


def test_binary_by_score_by_class_or_both() -> None:
    by_score = Pairs.of("binary", AB, pa.table({"output.probability": [0.5, 0.51]}), ["a", "b"])
    by_class = Pairs.of("binary", AB, pa.table({"label": ["b", "b"]}), ["a", "b"])
    both = Pairs.of("binary", AB, pa.table({"label": ["b", "a"], "probability": [0.3, 0.9]}), ["a", "b"])
    assert [list(p.predicted) for p in (by_score, by_class, both)] == [[0, 1], [1, 1], [1, 0]]  # type: ignore[arg-type]
    assert by_class.scores is None
    assert both.scores is not None
    assert both.scores.tolist() == [0.3, 0.9]
    assert both.truth is not None
    assert both.truth.tolist() == [0, 1]


def test_a_pair_of_probabilities_is_one_score() -> None:
    pairs = Pairs.of("binary", AB, pa.table({"probability": [[0.3, 0.7]]}), ["b"])
    assert pairs.scores is not None
    assert pairs.scores.tolist() == [0.7]


def test_multiclass_forms_agree() -> None:
    abc, p = ("a", "b", "c"), np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    columns = Pairs.of(
        "multiclass", abc, pa.table({f"probability.{c}": p[:, k] for k, c in enumerate(abc)}), ["c", "a"]
    )
    listed = Pairs.of("multiclass", abc, pa.table({"probability": p.tolist()}), pa.array([[0, 0, 1], [1, 0, 0]]))
    for pairs in (columns, listed):
        assert pairs.truth is not None
        assert pairs.predicted is not None
        assert pairs.truth.tolist() == [2, 0]
        assert pairs.predicted.tolist() == [1, 0]  # of equal ones the first


def test_a_ranking_is_put_in_the_models_order() -> None:
    pairs = Pairs.of("ranking", (), pa.table({"scores": [[0.1, 0.9, 0.1]]}), pa.array([[1.0, 0.0, 2.0]]))
    assert pairs.relevance[0].tolist() == [0.0, 1.0, 2.0]


def test_rewards_need_no_outputs() -> None:
    pairs = Pairs.of("reward", (), pa.table({}), [0.0, 1.5])
    assert pairs.truth is not None
    assert pairs.truth.tolist() == [0.0, 1.5]


@pytest.mark.parametrize(
    ("task", "classes", "outputs", "labels", "message"),
    [
        ("binary", AB, {"probability": [0.1, 1.4]}, ["a", "b"], "Row 1: probability 1.4 is no probability"),
        ("binary", AB, {"probability": [0.1, float("nan")]}, ["a", "b"], "Row 1: probability is missing or NaN"),
        ("binary", AB, {"probability": [0.1, 0.2]}, ["a", "z"], "Row 1: label 'z' is none of the classes a, b"),
        ("binary", AB, {"probability": [0.1, 0.2]}, [0.3, 0.4], "Row 0: label 0.3.*1 more rows.*is the task right"),
        ("binary", AB, {"prediction": [0.1]}, ["a"], "A binary model's outputs hold `label`.*these hold prediction"),
        ("binary", AB, {"label": ["a", "q"]}, ["a", "b"], "Row 1: predicted label 'q' is none"),
        ("binary", ("a",), {"label": ["a"]}, ["a"], "has two classes, not 1"),
        ("multiclass", ("a", "b", "c"), {"probability": [0.2]}, ["a"], "does not say which"),
        ("multiclass", ("a", "b", "c"), {"probability.a": [0.2]}, ["a"], "lack 'probability.b' and 1 more of 3"),
        ("multiclass", AB, {"probability.a": [0.2], "probability.b": [0.2]}, ["a"], "Row 0: the prob.* sum to 0.4"),
        ("regression", (), {"prediction": [1.0, 2.0]}, [1.0, float("nan")], "Row 1: the label is nan"),
        ("regression", (), {"prediction": [1.0]}, ["ten"], "Row 0: label 'ten' is no number"),
        ("regression", (), {"label": ["a"]}, [1.0], "A regression model's outputs hold `prediction`"),
        ("regression", (), {"prediction": [1.0]}, [1.0, 2.0], "There are 2 labels for 1 predictions"),
        ("ranking", (), {"scores": [[1.0, 2.0]]}, [[1.0]], "Row 0: 1 relevances for 2 scores"),
        ("ranking", (), {"scores": [[1.0]]}, [[-1.0]], "Row 0: a relevance is missing, negative"),
        ("ranking", (), {"scores": [[float("nan")]]}, [[1.0]], "Row 0: a score is missing"),
        ("ranking", (), {"scores": [[]]}, [[]], "Row 0: the query has no items"),
        ("ranking", (), {"scores": [1.0]}, [1.0], "a list of scores"),
        ("ranking", (), {"label": ["a"]}, [[1.0]], "hold `scores`"),
        ("sorting", (), {}, [1.0], "There is no task 'sorting'"),
        ("binary", AB, {"label": ["a", "b"]}, ["a", 1], "mixed types"),
    ],
)
def test_what_is_wrong_is_named(
    task: str, classes: tuple[str, ...], outputs: dict[str, list[Any]], labels: list[Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        Pairs.of(task, classes, pa.table(outputs), labels)


def test_sift_keeps_the_good_rows_and_gives_reasons() -> None:
    outputs = pa.table({"probability": [0.1, 0.6, 2.0]})
    pairs, good, reasons = Pairs.sift("binary", AB, outputs, ["a", "z", "b"], [1.0, 1.0, 1.0])
    assert good.tolist() == [True, False, False]
    assert len(pairs) == 1
    assert reasons == {1: "label 'z' is none of the classes a, b", 2: "probability 2 is no probability"}


def test_sift_of_a_ranking() -> None:
    table = pa.table({"scores": [[1.0, 2.0], [1.0]]})
    pairs, good, _ = Pairs.sift("ranking", (), table, pa.array([[0.0, 1.0], [1.0, 1.0]]))
    assert good.tolist() == [True, False]
    assert [list(one) for one in pairs.relevance] == [[1.0, 0.0]]


def test_weights_must_be_positive() -> None:
    with pytest.raises(BadInput, match=r"Row 1: weight 0\.0"):
        Pairs.of("reward", (), pa.table({}), [1.0, 1.0], [1.0, 0.0])


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_row_without_a_decision_is_decided_by_its_score(kind: pa.DataType) -> None:
    label = pa.array([None, "z", "0", None, None], pa.string()).cast(kind)
    outputs = pa.table({"label": label, "probability": [0.8, 0.8, 0.8, 0.2, None]})
    pairs, good, reasons = Pairs.sift("binary", ("0", "1"), outputs, ["1"] * 5)
    assert good.tolist() == [True, False, True, True, False]
    assert pairs.predicted is not None
    assert pairs.predicted.tolist() == [1, 0, 0]
    assert reasons[1] == "predicted label 'z' is none of the classes 0, 1"
    _, none, _ = Pairs.sift("binary", ("0", "1"), outputs.select(["label"]), ["1"] * 5)
    assert none.tolist() == [False, False, True, False, False]
