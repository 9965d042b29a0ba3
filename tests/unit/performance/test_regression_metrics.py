"""Metrics of a regression beside scikit-learn's."""

import numpy as np
import pytest
from numpy.typing import ArrayLike

from tests.helpers import labelled
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.regression import RegressionLayout

sklearn = pytest.importorskip("sklearn.metrics")
PREDICTED, TRUTH = labelled.regression_data()
LAYOUT = RegressionLayout.fit(labelled.regression_pairs(PREDICTED, TRUTH))


def judged(predicted: ArrayLike, truth: ArrayLike, layout: RegressionLayout = LAYOUT) -> dict[str, Metric]:
    pairs = labelled.regression_pairs(np.asarray(predicted, float), np.asarray(truth, float))
    return metrics(layout, layout.tally(pairs).counts, quantiles=(0.1, 0.9))


def test_values_agree_with_scikit_learn() -> None:
    found = judged(PREDICTED, TRUTH)
    for name, expected in (
        ("mae", sklearn.mean_absolute_error(TRUTH, PREDICTED)),
        ("rmse", sklearn.root_mean_squared_error(TRUTH, PREDICTED)),
        ("mape", sklearn.mean_absolute_percentage_error(TRUTH, PREDICTED)),
        ("r2", sklearn.r2_score(TRUTH, PREDICTED)),
        ("quantile_loss[0.1]", sklearn.mean_pinball_loss(TRUTH, PREDICTED, alpha=0.1)),
        ("quantile_loss[0.9]", sklearn.mean_pinball_loss(TRUTH, PREDICTED, alpha=0.9)),
        ("bias", (PREDICTED - TRUTH).mean()),
    ):
        assert found[name].value == pytest.approx(expected, rel=1e-5), name
    assert found["median_error"].value == pytest.approx(np.median(PREDICTED - TRUTH), abs=0.2)


def test_a_constant_truth_has_no_r2() -> None:
    found = judged([99.0, 101.0, 103.0], [100.0, 100.0, 100.0])
    assert (found["r2"].value, found["r2"].note) == (None, "the truth does not vary")
    assert found["mae"].value == pytest.approx(5 / 3, rel=1e-6)


def test_zero_truths_are_left_out_of_mape_and_told() -> None:
    found = judged([1.0, 110.0], [0.0, 100.0])
    assert found["mape"].value == pytest.approx(0.1, abs=1e-5)
    assert "rows left out because their truth is zero: 1" in found["mape"].note
    assert judged([1.0], [0.0])["mape"].note == "every truth is zero"


def test_clipped_rows_are_told() -> None:
    assert "count as bounds: 1" in judged([1e9, 100.0], [100.0, 100.0])["mae"].note


def test_one_row_has_a_value_and_no_interval() -> None:
    found = judged([110.0], [100.0])
    assert found["rmse"].value == pytest.approx(10)
    assert found["rmse"].low is None


@pytest.mark.parametrize("name", ["mae", "rmse", "bias", "r2", "median_error"])
def test_intervals_cover(name: str) -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(100, 30, (200, 150))
    predicted = truth + rng.normal(2, 5, truth.shape)
    exact = {"mae": 4.3162, "rmse": np.sqrt(29), "bias": 2.0, "r2": 1 - 29 / 900, "median_error": 2.0}[name]
    pairs = labelled.regression_pairs(predicted.ravel(), truth.ravel())
    found = [metrics(LAYOUT, t.counts)[name] for t in LAYOUT.tally_groups(pairs, np.arange(0, 30_001, 150))]
    assert 0.89 <= np.mean([(m.low or -9) <= exact <= (m.high or -9) for m in found]) <= 0.99
