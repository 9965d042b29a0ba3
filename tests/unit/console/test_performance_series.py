"""What the performance page draws."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from watchkeeper.api.context import Context
from watchkeeper.api.curves import curves
from watchkeeper.api.performance import PerformanceView, performance
from watchkeeper.console.performance_series import bias_series, metric_series, reward_series, shapes
from watchkeeper.performance.metric import Metric


@pytest.fixture
def told(context: Context) -> PerformanceView:
    return performance(context, "delays")


def test_what_was_realised_and_what_was_estimated_keep_their_places(told: PerformanceView) -> None:
    guess = Metric(value=0.6, low=0.5, high=0.7, estimated=True)
    first, *rest = told.windows
    series = metric_series(replace(told, windows=(replace(first, estimated={"roc_auc": guess}), *rest)), "roc_auc")
    assert series.estimated[0] == 0.6
    assert series.estimated_low[0] == 0.5
    assert series.value[0] == first.metrics["roc_auc"].value
    assert len(series.times) == len(told.windows)


def test_bias_is_held_against_none(told: PerformanceView) -> None:
    series = bias_series(told)
    assert series is not None
    assert series.level == 0.0
    assert series.value[0] == told.windows[0].metrics["prediction_bias"].value
    assert bias_series(replace(told, task="multiclass")) is None


def test_rewards_are_counted_as_rewards(told: PerformanceView) -> None:
    assert reward_series(told) is None
    window = replace(told.windows[0], rewards=7, mean_reward=Metric(value=1.5, n=7))
    series = reward_series(replace(told, windows=(window,)))
    assert series is not None
    assert (series.labels, series.value, series.said) == ((7,), (1.5,), "rewards")


def test_a_classifier_has_four_shapes(context: Context) -> None:
    assert list(shapes(curves(context, "delays"))) == [
        "ROC curve",
        "Precision and recall",
        "Calibration",
        "Scores by label",
    ]
