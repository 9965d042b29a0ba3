"""Metrics of a multiclass model beside scikit-learn's."""

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers import labelled
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import Pairs

sklearn = pytest.importorskip("sklearn.metrics")
CLASSES = tuple("abcd")
LAYOUT = layout_for("multiclass", CLASSES)
PROBABILITIES, TRUTH = labelled.multiclass_data()
FOUND = metrics(LAYOUT, LAYOUT.tally(labelled.multiclass_pairs(PROBABILITIES, TRUTH)).counts)
SAID = PROBABILITIES.argmax(1)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_f1_agrees(average: str) -> None:
    assert FOUND[f"f1_{average}"].value == pytest.approx(sklearn.f1_score(TRUTH, SAID, average=average), abs=1e-12)


def test_averages_agree() -> None:
    for name, score in (("precision", sklearn.precision_score), ("recall", sklearn.recall_score)):
        assert FOUND[f"{name}_macro"].value == pytest.approx(score(TRUTH, SAID, average="macro"), abs=1e-12)
        each = score(TRUTH, SAID, average=None)
        assert [FOUND[f"{name}[{c}]"].value for c in CLASSES] == pytest.approx(each, abs=1e-12)
    assert FOUND["accuracy"].value == sklearn.f1_score(TRUTH, SAID, average="micro")


def test_scores_agree() -> None:
    auc = sklearn.roc_auc_score(TRUTH, PROBABILITIES, multi_class="ovr", average="macro")
    assert FOUND["roc_auc_macro"].value == pytest.approx(auc, abs=2e-3)
    precision = sklearn.average_precision_score(np.eye(4)[TRUTH], PROBABILITIES, average="macro")
    assert FOUND["average_precision_macro"].value == pytest.approx(precision, abs=0.01)
    assert FOUND["log_loss"].value == pytest.approx(sklearn.log_loss(TRUTH, PROBABILITIES), abs=1e-6)
    assert FOUND["brier"].value == pytest.approx(((PROBABILITIES - np.eye(4)[TRUTH]) ** 2).sum(1).mean(), abs=1e-6)
    for k in (2, 3):
        assert FOUND[f"top_{k}_accuracy"].value == sklearn.top_k_accuracy_score(TRUTH, PROBABILITIES, k=k)
    assert "top_5_accuracy" not in FOUND


def test_a_class_that_never_came_is_left_out_and_told() -> None:
    rows = TRUTH != 0
    counts = LAYOUT.tally(labelled.multiclass_pairs(PROBABILITIES[rows], TRUTH[rows])).counts
    found = metrics(LAYOUT, counts)
    assert found["recall[a]"].note == "no label is a"
    assert found["recall_macro"].note == "without 1 of 4 classes, which cannot be judged"
    expected = sklearn.recall_score(TRUTH[rows], SAID[rows], average="macro", labels=[1, 2, 3])
    assert found["recall_macro"].value == pytest.approx(expected)
    assert found["roc_auc[a]"].note == "all labels are of one class"


def test_without_scores_the_decisions_are_judged() -> None:
    pairs = Pairs.of("multiclass", CLASSES, pa.table({"label": ["a", "b"]}), ["a", "c"])
    found = metrics(LAYOUT, LAYOUT.tally(pairs).counts)
    assert found["accuracy"].value == 0.5
    assert found["log_loss"].note == found["top_2_accuracy"].note == "the model gives no scores"


def test_the_interval_of_macro_f1_covers() -> None:
    """Resampled rows: the value of all rows should lie inside nineteen times in twenty."""
    rng = np.random.default_rng(0)
    truth = sklearn.f1_score(TRUTH, SAID, average="macro")
    table = pa.table({"label": [CLASSES[k] for k in SAID]})
    whole = Pairs.of("multiclass", CLASSES, table, [CLASSES[k] for k in TRUTH])
    order = rng.integers(0, len(whole), (200, 300))
    everything = Pairs("multiclass", CLASSES, whole.weight[order.ravel()],
                       truth=whole.truth[order.ravel()], predicted=whole.predicted[order.ravel()])  # type: ignore[index]  # fmt: skip
    found = [
        metrics(LAYOUT, tally.counts)["f1_macro"]
        for tally in LAYOUT.tally_groups(everything, np.arange(0, 60_001, 300))
    ]
    assert 0.90 <= np.mean([(m.low or 0.0) <= truth <= (m.high or 0.0) for m in found]) <= 0.99
