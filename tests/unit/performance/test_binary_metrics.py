"""Metrics of a binary model beside scikit-learn's."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics

sklearn = pytest.importorskip("sklearn.metrics")
LAYOUT = BinaryLayout(("0", "1"))
SCORES, TRUTH = labelled.binary_data()
TALLY = LAYOUT.tally(labelled.binary_pairs(SCORES, TRUTH))


def value(found: dict[str, Metric], name: str) -> float:
    told = found[name].value
    assert told is not None
    return told


def test_values_agree_with_scikit_learn() -> None:
    found = metrics(LAYOUT, TALLY.counts)
    said = SCORES > 0.5
    assert value(found, "accuracy") == sklearn.accuracy_score(TRUTH, said)
    assert value(found, "precision") == pytest.approx(sklearn.precision_score(TRUTH, said), abs=1e-12)
    assert value(found, "f1") == pytest.approx(sklearn.f1_score(TRUTH, said), abs=1e-12)
    assert value(found, "balanced_accuracy") == pytest.approx(sklearn.balanced_accuracy_score(TRUTH, said), abs=1e-12)
    assert value(found, "log_loss") == pytest.approx(sklearn.log_loss(TRUTH, SCORES), abs=1e-6)
    assert value(found, "brier") == pytest.approx(sklearn.brier_score_loss(TRUTH, SCORES), abs=1e-6)
    assert value(found, "roc_auc") == pytest.approx(sklearn.roc_auc_score(TRUTH, SCORES), abs=1e-3)
    assert value(found, "prediction_bias") == pytest.approx(SCORES.mean() - TRUTH.mean(), abs=1e-6)


def test_weights_agree_with_scikit_learn() -> None:
    weights = np.random.default_rng(5).integers(1, 20, len(TRUTH)).astype(float)
    found = metrics(LAYOUT, LAYOUT.tally(labelled.binary_pairs(SCORES, TRUTH, weights=weights)).counts)
    said = SCORES > 0.5
    for name, score in (("recall", sklearn.recall_score), ("accuracy", sklearn.accuracy_score)):
        assert value(found, name) == pytest.approx(score(TRUTH, said, sample_weight=weights), abs=1e-12)
    expected = sklearn.roc_auc_score(TRUTH, SCORES, sample_weight=weights)
    assert value(found, "roc_auc") == pytest.approx(expected, abs=2e-3)
    assert value(found, "log_loss") == pytest.approx(sklearn.log_loss(TRUTH, SCORES, sample_weight=weights), abs=1e-6)
    assert found["accuracy"].n == len(TRUTH)
    assert "weighted: 2,000 rows tell as much as" in found["accuracy"].note


@pytest.mark.parametrize("threshold", [0.25, 0.75])
def test_a_threshold_is_the_users(threshold: float) -> None:
    found = metrics(LAYOUT, TALLY.counts, threshold)
    assert value(found, "recall") == pytest.approx(sklearn.recall_score(TRUTH, threshold <= SCORES))
    assert found["recall"].note == ""


def test_a_threshold_between_edges_is_told() -> None:
    assert "threshold 0.299805, the nearest edge" in metrics(LAYOUT, TALLY.counts, 0.30001)["recall"].note


def test_a_model_without_scores() -> None:
    import pyarrow as pa

    from watchkeeper.performance.pairs import Pairs

    pairs = Pairs.of("binary", ("0", "1"), pa.table({"label": ["0", "1", "1"]}), ["0", "1", "0"])
    counts = LAYOUT.tally(pairs).counts
    found = metrics(LAYOUT, counts)
    assert value(found, "accuracy") == pytest.approx(2 / 3)
    assert {found[name].note for name in ("roc_auc", "brier", "prediction_bias", "calibration_error")} == {
        "the model gives no scores"
    }
    assert metrics(LAYOUT, counts, 0.5)["accuracy"].value is None
