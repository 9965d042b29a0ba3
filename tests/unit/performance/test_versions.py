"""Two versions, on the same rows and over the same weeks."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.versions import Difference, PairedLayout, mcnemar, paired_auc, unpaired
from watchkeeper.tallies.tally import IntArray

CLASSES = ("0", "1")
LAYOUT = PairedLayout("binary", CLASSES)


def by_class(truth: IntArray, said: IntArray) -> Pairs:
    return Pairs.of("binary", CLASSES, pa.table({"label": said}), truth)


def flipped(rng: np.random.Generator, truth: IntArray, share: float) -> IntArray:
    return np.where(rng.random(len(truth)) < share, 1 - truth, truth)


def test_newly_wrong_and_newly_right_by_class() -> None:
    truth = np.array([0, 0, 0, 1, 1])
    found = LAYOUT.compare(
        LAYOUT.tally(by_class(truth, np.array([0, 0, 1, 1, 0])), by_class(truth, np.array([1, 0, 0, 0, 0]))).counts
    )
    assert found.newly_wrong == {"0": 1, "1": 1}
    assert found.newly_right == {"0": 1, "1": 0}
    assert found.differences["accuracy"].value == pytest.approx(-0.2)
    assert found.differences["recall[1]"].value == pytest.approx(-0.5)
    assert found.differences["log_loss"].value is None


def test_mcnemars_mid_p() -> None:
    for wrong, right in ((3, 10), (0, 5), (7, 7), (40, 20)):
        fewer = min(wrong, right)
        exact = 2 * stats.binom.cdf(fewer, wrong + right, 0.5) - stats.binom.pmf(fewer, wrong + right, 0.5)
        assert mcnemar(wrong, right) == pytest.approx(min(1.0, exact))
    assert mcnemar(0, 0) == 1


def test_tallies_of_pairs_add() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 100)
    a, b = by_class(truth, flipped(rng, truth, 0.2)), by_class(truth, flipped(rng, truth, 0.1))
    halves = [LAYOUT.tally(a.take(part), b.take(part)) for part in (slice(0, 30), slice(30, 100))]
    assert halves[0] + halves[1] == LAYOUT.tally(a, b)


def test_the_paired_interval_covers_and_its_p_is_level() -> None:
    rng = np.random.default_rng(1)
    covered = low = 0
    for _ in range(300):
        truth = rng.integers(0, 2, 200)
        hard = rng.random(200) < 0.3
        a, b = (by_class(truth, np.where(hard, flipped(rng, truth, 0.5), truth)) for _ in range(2))
        found = LAYOUT.compare(LAYOUT.tally(a, b).counts)
        accuracy = found.differences["accuracy"]
        assert accuracy.low is not None
        assert accuracy.high is not None
        assert found.p_value is not None
        covered += accuracy.low <= 0 <= accuracy.high
        low += found.p_value <= 0.05
    assert 0.92 <= covered / 300 <= 0.99
    assert low / 300 <= 0.08


def test_differences_of_losses_are_paired() -> None:
    scores, truth = labelled.binary_data(n=500)
    a, b = labelled.binary_pairs(scores, truth), labelled.binary_pairs(np.clip(scores + 0.05, 0, 1), truth)
    found = LAYOUT.compare(LAYOUT.tally(a, b).counts).differences["brier"]
    step = (np.clip(scores + 0.05, 0, 1) - truth) ** 2 - (scores - truth) ** 2
    expected = stats.ttest_1samp(step, 0).confidence_interval()
    assert (found.value, found.low, found.high) == pytest.approx((step.mean(), expected.low, expected.high), abs=1e-5)


def test_regressions_are_paired_by_absolute_error() -> None:
    predicted, truth = labelled.regression_data(n=300)
    layout = PairedLayout("regression", scale=1 / 64)
    a, b = labelled.regression_pairs(predicted, truth), labelled.regression_pairs(predicted - 2, truth)
    found = layout.compare(layout.tally(a, b).counts)
    expected = (np.abs(predicted - 2 - truth) - np.abs(predicted - truth)).mean()
    assert found.differences["mae"].value == pytest.approx(expected, abs=1e-4)
    assert found.newly_wrong is None
    far = PairedLayout("regression")
    apart = far.compare(far.tally(a, labelled.regression_pairs(predicted + 1e9, truth)).counts).differences["mae"]
    assert apart.note == "rows so far apart that they count as bounds: 300"


def test_areas_on_the_same_rows() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    scores, truth = labelled.binary_data(n=500)
    other = np.clip(scores + np.random.default_rng(0).normal(0, 0.1, 500), 0, 1)
    found = paired_auc(labelled.binary_pairs(scores, truth), labelled.binary_pairs(other, truth))
    expected = sklearn.roc_auc_score(truth, other) - sklearn.roc_auc_score(truth, scores)
    assert found.value == pytest.approx(expected)
    assert found.low is not None
    assert found.high is not None
    assert found.low < expected < found.high
    assert found.high - found.low < 0.06  # two unpaired areas of 500 rows would leave about 0.12
    assert paired_auc(by_class(truth, truth), by_class(truth, truth)).note == "not both versions give scores"


def test_rows_must_be_the_same() -> None:
    a = by_class(np.array([0, 1]), np.array([0, 1]))
    with pytest.raises(BadInput, match="not given the same rows"):
        LAYOUT.tally(a, by_class(np.array([1, 1]), np.array([0, 1])))
    with pytest.raises(BadInput, match="ranking model cannot be paired"):
        PairedLayout("ranking")


def test_nothing_compared_says_so() -> None:
    found = LAYOUT.compare(np.zeros(LAYOUT.cells.size, np.int64))
    assert found.p_value is None
    assert found.differences["accuracy"].note == "no labelled rows"


def test_unpaired_intervals_take_both_sides() -> None:
    a = {"f1": Metric(value=0.8, low=0.7, high=0.85, n=100), "x": Metric(value=None, note="why")}
    b = {"f1": Metric(value=0.9, low=0.86, high=0.93, n=80), "x": Metric(value=1.0, n=1), "y": Metric(value=1.0)}
    found = unpaired(a, b)
    assert found["f1"].low == pytest.approx(0.1 - np.hypot(0.04, 0.05))
    assert found["f1"].high == pytest.approx(0.1 + np.hypot(0.03, 0.1))
    assert found["x"] == Difference(value=None, note="why")
    assert "y" not in found
