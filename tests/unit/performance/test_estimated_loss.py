"""The main loss, as estimated metrics tell it."""

from __future__ import annotations

import pytest

from watchkeeper.performance.estimated_loss import estimated_loss, ordinary_loss
from watchkeeper.performance.metric import Metric

METRIC = Metric(value=0.8, low=0.7, high=0.85, n=10, estimated=True)


def test_the_error_of_a_classifier_is_what_accuracy_leaves() -> None:
    found = estimated_loss("binary", {"accuracy": METRIC})
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.15, 0.3))
    assert (found.n, found.estimated) == (10, True)
    assert ordinary_loss("multiclass", {"accuracy": 0.9}) == pytest.approx(0.1)
    untold = estimated_loss("binary", {"accuracy": Metric(value=None, n=3)})
    assert untold is not None
    assert untold.value is None


def test_numbers_have_their_mean_absolute_error() -> None:
    assert estimated_loss("regression", {"mae": METRIC}) == METRIC
    assert ordinary_loss("regression", {"mae": 4.0}) == 4.0


def test_what_does_not_tell_the_loss_says_nothing() -> None:
    assert estimated_loss("ranking", {"accuracy": METRIC}) is None
    assert estimated_loss("binary", {"roc_auc": METRIC}) is None
    assert ordinary_loss("binary", {}) is None
