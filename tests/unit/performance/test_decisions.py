"""Metrics of a 2 x 2 table."""

import numpy as np
import pytest
from scipy import stats

from watchkeeper.performance.decisions import balanced, decision_metrics, f1
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.parts import Part


def parts(*rows: float) -> list[Part]:
    """TN, FP, FN, TP of rows that weigh the same."""
    return [Part(n, n, n) for n in rows]


TABLE = parts(50, 10, 5, 35)


def test_the_textbook_values() -> None:
    found = {name: metric.value for name, metric in decision_metrics(TABLE).items()}
    assert found == pytest.approx(
        {
            "accuracy": 0.85,
            "precision": 35 / 45,
            "recall": 35 / 40,
            "specificity": 50 / 60,
            "f1": 70 / 85,
            "balanced_accuracy": (35 / 40 + 50 / 60) / 2,
            "positive_rate": 0.4,
            "predicted_positive_rate": 0.45,
        }
    )


def test_each_metric_rests_on_its_own_rows() -> None:
    found = decision_metrics(TABLE)
    rows = {name: found[name].n for name in ("accuracy", "precision", "recall", "specificity", "f1")}
    assert rows == {"accuracy": 100, "precision": 45, "recall": 40, "specificity": 60, "f1": 50}
    expected = stats.binomtest(35, 45).proportion_ci(method="wilson")
    assert (found["precision"].low, found["precision"].high) == pytest.approx((expected.low, expected.high))


def test_what_cannot_be_told_says_why() -> None:
    found = decision_metrics(parts(7, 0, 0, 0))
    assert found["accuracy"].value == 1
    assert {name: metric.note for name, metric in found.items() if metric.value is None} == {
        "precision": "no row was predicted positive",
        "recall": "no label is positive",
        "f1": "no row is positive, in truth or by prediction",
        "balanced_accuracy": "no label is positive",
    }


def test_the_interval_of_f1_covers() -> None:
    rng = np.random.default_rng(0)
    truth = 70 / 85
    inside = 0
    for table in rng.multinomial(100, [0.5, 0.1, 0.05, 0.35], 400):
        _, fp, fn, tp = parts(*table)
        found = f1(tp, fp + fn)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= truth <= found.high
    assert 0.92 <= inside / 400 <= 0.98


def test_the_mean_of_recalls_needs_each() -> None:
    one = Metric(value=0.5, n=10)
    assert balanced([one, one], [10, 10]).value == 0.5
    assert balanced([one, Metric(value=None, note="why")], [10, 0]).note == "why"
