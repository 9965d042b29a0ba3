"""Intervals agree with their textbook forms and stay inside what is possible."""

import numpy as np
import pytest
from scipy import stats

from watchkeeper.performance import metric
from watchkeeper.performance.metric import Basis

PLAIN = Basis(100, 100, 100)


@pytest.mark.parametrize("hits", [0, 1, 40, 100])
def test_wilson_agrees_with_scipy(hits: int) -> None:
    found = metric.share(hits, 100, PLAIN, "")
    expected = stats.binomtest(hits, 100).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_mean_agrees_with_scipy() -> None:
    values = np.random.default_rng(0).normal(3, 2, 50)
    found = metric.mean(values.sum(), (values**2).sum(), 50, Basis(50, 50, 50), "")
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_nothing_is_none_with_the_reason_and_one_row_has_no_interval() -> None:
    assert metric.share(0, 0, PLAIN, "no rows").value is None
    assert metric.mean(0, 0, 0, PLAIN, "no rows").note == "no rows"
    one = metric.mean(2, 4, 1, Basis(1, 1, 1), "")
    assert (one.value, one.low, one.note) == (2, None, "one row has no interval")


def test_weights_widen_the_interval_and_are_told() -> None:
    basis = Basis(rows=100, weight=1000, effective=40)
    found = metric.share(500, 1000, basis, "")
    alone = metric.share(20, 40, Basis(40, 40, 40), "")
    assert (found.n, found.low, found.high) == (100, alone.low, alone.high)
    assert basis.note == "weighted: 100 rows tell as much as 40 picked evenly"
    assert PLAIN.note == ""


def test_the_delta_method_of_a_share_is_the_normal_interval() -> None:
    shares = np.array([0.3, 0.7])
    found = metric.ratio(0.3, np.array([1.0, 0.0]), shares, PLAIN)
    assert found.high is not None
    assert found.high - 0.3 == pytest.approx(metric.Z * np.sqrt(0.21 / 100))


def test_a_bounded_value_stays_within_0_and_1_and_tells_a_wide_tolerance() -> None:
    found = metric.bounded(0.99, 0.02, 0.01, cases=90, n=100)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.99 < found.high <= 1
    assert found.note == "counted in bins: exact to ±0.01"
    assert metric.bounded(0.9, 0.02, 0.0005, cases=9, n=10).note == ""


def test_within_holds_an_interval_inside() -> None:
    held = metric.within(metric.Metric(value=0.1, low=-0.2, high=1.4), high=1.0)
    assert (held.low, held.high) == (0.0, 1.0)
    assert metric.joined("", "a", "b") == "a; b"
