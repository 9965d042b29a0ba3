"""Curves beside scikit-learn's."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.performance.curves import (
    calibration_curve,
    precision_recall_curve,
    roc_curve,
    score_histogram,
    scores_of,
)
from watchkeeper.performance.layout import layout_for

BINARY = layout_for("binary", ("0", "1"))
MULTI = layout_for("multiclass", tuple("abcd"))
SCORES, TRUTH = labelled.binary_data()
COUNTS = BINARY.tally(labelled.binary_pairs(SCORES, TRUTH)).counts
PROBABILITIES, CLASSES = labelled.multiclass_data()
MANY = MULTI.tally(labelled.multiclass_pairs(PROBABILITIES, CLASSES)).counts


def test_roc_points_are_those_of_the_rows() -> None:
    curve = roc_curve(BINARY, COUNTS)
    at = np.flatnonzero(curve.threshold == 0.5)[0]
    assert curve.y[at] == (SCORES[TRUTH == 1] >= 0.5).mean()
    assert curve.x[at] == (SCORES[TRUTH == 0] >= 0.5).mean()
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    sklearn = pytest.importorskip("sklearn.metrics")
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(sklearn.roc_auc_score(TRUTH, SCORES), abs=1e-3)


def test_precision_and_recall_at_a_threshold() -> None:
    curve = precision_recall_curve(BINARY, COUNTS)
    at = np.flatnonzero(curve.threshold == 0.5)[0]
    assert curve.x[at] == (SCORES[TRUTH == 1] >= 0.5).mean()
    assert curve.y[at] == TRUTH[SCORES >= 0.5].mean()


def test_one_class_has_no_curve() -> None:
    counts = BINARY.tally(labelled.binary_pairs(SCORES, np.zeros_like(TRUTH))).counts
    assert roc_curve(BINARY, counts).x.size == 0
    assert precision_recall_curve(BINARY, counts).x.size == 0
    assert roc_curve(BINARY, np.zeros_like(counts)).x.size == 0
    assert calibration_curve(BINARY, np.zeros_like(counts)).rows.size == 0


def test_calibration_of_a_class_and_of_the_answer() -> None:
    answer = calibration_curve(MULTI, MANY)
    assert answer.rows.sum() == len(CLASSES)
    assert (answer.rows @ answer.true) / len(CLASSES) == pytest.approx((PROBABILITIES.argmax(1) == CLASSES).mean())
    one = calibration_curve(MULTI, MANY, "b")
    assert (one.rows @ one.true) / len(CLASSES) == pytest.approx((CLASSES == 1).mean())
    assert ((one.low <= one.true) & (one.true <= one.high)).all()


def test_a_histogram_holds_every_row_in_its_bin() -> None:
    edges, rows = score_histogram(BINARY, COUNTS, number=16)
    assert rows[1].tolist() == np.histogram(SCORES[TRUTH == 1], edges)[0].tolist()


def test_what_has_no_scores_is_refused() -> None:
    with pytest.raises(NotFound, match="No class 'z'"):
        roc_curve(MULTI, MANY, "z")
    with pytest.raises(BadInput, match="A reward model has no scores"):
        scores_of(layout_for("reward"), np.zeros(layout_for("reward").size, np.int64))
