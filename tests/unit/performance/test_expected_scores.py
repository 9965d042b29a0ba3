"""Expected metrics."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from tests.unit.performance.simulated import binary, layout_of
from watchkeeper.performance.expected_scores import Rows, costs_of, expected, values
from watchkeeper.performance.recalibration import Recalibration, recalibration
from watchkeeper.performance.said_counts import said_counts, true_counts
from watchkeeper.performance.score_bins import FINE


def test_known_labels_give_the_metrics_of_scikit_learn() -> None:
    """Where the expected positives are the true ones, every value is that of the labels, to what bins cost."""
    pairs = binary(np.random.default_rng(0), 4000)
    truth, said, score = pairs.truth, pairs.predicted, pairs.scores
    assert truth is not None
    assert said is not None
    assert score is not None
    layout = layout_of(pairs)
    n = said_counts(layout, pairs)[0].astype(float)
    positives = said_counts(layout, pairs.take(truth == 1))[0].astype(float)
    found = values(Rows(n, costs_of(FINE)), positives)
    right = {
        "accuracy": sk.accuracy_score(truth, said),
        "precision": sk.precision_score(truth, said),
        "recall": sk.recall_score(truth, said),
        "specificity": sk.recall_score(truth, said, pos_label=0),
        "f1": sk.f1_score(truth, said),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, said),
        "roc_auc": sk.roc_auc_score(truth, score),
        "average_precision": sk.average_precision_score(truth, score),
        "log_loss": sk.log_loss(truth, score),
        "brier": sk.brier_score_loss(truth, score),
    }
    for name, value in right.items():
        assert found[name] == pytest.approx(value, abs=3e-3), name


def test_the_variance_of_drawn_labels_is_that_of_drawing_them() -> None:
    rng = np.random.default_rng(1)
    pairs = binary(rng, 1500)
    layout = layout_of(pairs)
    known = recalibration(true_counts(layout, layout.tally(binary(rng, 20_000)).counts)[0], FINE)
    assert known is not None
    said = said_counts(layout, pairs)[0]
    told = expected(said, known, FINE)
    drawn = values(
        Rows(said.astype(float), costs_of(FINE)), rng.binomial(said, known.share, (800, *said.shape)).astype(np.float64)
    )
    for name in ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision", "log_loss", "brier"):
        assert np.sqrt(told[name].drawn) == pytest.approx(drawn[name].std(), rel=0.15), name


def test_what_cannot_be_told_is_nan() -> None:
    nothing = np.zeros((2, FINE.size))
    known = Recalibration(
        np.zeros(FINE.size), np.zeros(FINE.size, int), 1, np.zeros(1, int), np.full(1, 0.01), 100.0
    )  # fmt: skip
    nothing[0, 700] = 50
    told = expected(nothing, known, FINE)
    assert np.isnan(told["precision"].value)
    assert told["accuracy"].value == 1.0
