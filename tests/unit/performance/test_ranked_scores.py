"""Areas under curves agree with scikit-learn to the tolerance that the tally itself gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import labelled
from watchkeeper.performance.parts import Part
from watchkeeper.performance.ranked_scores import auc_tolerance, average_precision, hanley_mcneil, roc_auc
from watchkeeper.performance.score_bins import COARSE, FINE, ScoreBins
from watchkeeper.tallies.tally import FloatArray, IntArray

sklearn = pytest.importorskip("sklearn.metrics")


def binned(scores: FloatArray, truth: IntArray, bins: ScoreBins) -> FloatArray:
    place = bins.place(scores)
    return np.array([np.bincount(place[truth == k], minlength=bins.size) for k in (0, 1)], np.float64)


def parts(counts: FloatArray) -> list[Part]:
    """The rows of each class, all of one weight."""
    return [Part(n, n, n) for n in counts.sum(1).tolist()]


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.101, 0.5, 0.99, 1.0]) | st.floats(0, 1), st.booleans()), min_size=2)
)
def test_areas_agree_with_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, truth = np.array([s for s, _ in rows]), np.array([int(t) for _, t in rows])
    if truth.min() == truth.max():
        return
    counts = binned(scores, truth, COARSE)
    area, precision = roc_auc(counts, COARSE, *parts(counts)), average_precision(counts, COARSE, *parts(counts))
    assert area.value is not None
    assert abs(area.value - sklearn.roc_auc_score(truth, scores)) <= auc_tolerance(counts, COARSE) + 1e-9
    exact = sklearn.average_precision_score(truth, scores)
    assert precision.low is not None
    assert precision.high is not None
    assert precision.low - 1e-9 <= exact <= precision.high + 1e-9


def test_fine_bins_are_exact_to_a_thousandth() -> None:
    scores, truth = labelled.binary_data(n=5000)
    counts = binned(scores, truth, FINE)
    assert auc_tolerance(counts, FINE) < 0.001
    assert roc_auc(counts, FINE, *parts(counts)).value == pytest.approx(sklearn.roc_auc_score(truth, scores), abs=1e-4)
    expected = sklearn.average_precision_score(truth, scores)
    assert average_precision(counts, FINE, *parts(counts)).value == pytest.approx(expected, abs=0.003)


def test_a_rare_event_keeps_its_order() -> None:
    rng = np.random.default_rng(3)
    truth = (rng.random(50_000) < 0.002).astype(np.int64)
    scores = 1 / (1 + np.exp(9 - rng.normal(size=50_000) - 2 * truth))  # around 1e-4
    counts = binned(scores, truth, FINE)
    assert auc_tolerance(counts, FINE) < 0.01
    assert roc_auc(counts, FINE, *parts(counts)).value == pytest.approx(sklearn.roc_auc_score(truth, scores), abs=1e-3)


def test_delongs_interval_is_his() -> None:
    """Against the pairwise form of DeLong's variance."""
    scores, truth = labelled.binary_data(n=300)
    scores = np.round(scores, 1)  # few values: bins cost nothing that the pairs do not have as ties
    counts = binned(scores, truth, FINE)
    found = roc_auc(counts, FINE, *parts(counts))
    positive, negative = scores[truth == 1], scores[truth == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    variance = wins.mean(1).var(ddof=1) / len(positive) + wins.mean(0).var(ddof=1) / len(negative)
    value = wins.mean()
    step = 1.96 * np.sqrt(variance) / (value * (1 - value))
    low = 1 / (1 + np.exp(-(np.log(value / (1 - value)) - step)))
    tolerance = auc_tolerance(counts, FINE)
    assert found.value == pytest.approx(value)
    assert found.low == pytest.approx(low - tolerance, abs=1e-4)


def test_perfection_keeps_an_interval() -> None:
    counts = np.zeros((2, FINE.size))
    counts[0, 100], counts[1, 900] = 10, 10
    for found in (roc_auc(counts, FINE, *parts(counts)), average_precision(counts, FINE, *parts(counts))):
        assert found.value == 1
        assert found.low is not None
        assert 0.5 < found.low < 0.95
    assert hanley_mcneil(0.8, 50, 50) == pytest.approx(0.0445, abs=0.002)


def test_one_class_and_no_scores_have_a_reason() -> None:
    counts = np.zeros((2, FINE.size))
    assert roc_auc(counts, FINE, *parts(counts)).note == "no labelled rows"
    rows = [Part(2, 2, 2), Part(3, 3, 3)]
    assert roc_auc(counts, FINE, *rows).note == "the model gives no scores"
    counts[0, 5] = 3
    assert roc_auc(counts, FINE, *parts(counts)).note == "all labels are of one class"
    assert average_precision(counts, FINE, *parts(counts)).note == "no label is positive"
