"""What the performance page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers.firing import fire
from tests.helpers.watching import START, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import AlertView, alerts
from watchkeeper.api.context import Context
from watchkeeper.api.performance import PerformanceView, performance
from watchkeeper.api.segment_rises import SegmentRise
from watchkeeper.api.standings import Standing
from watchkeeper.console.performance_words import (
    NOT_KNOWN,
    bias_words,
    estimate_words,
    harm,
    reward_words,
    rise_words,
    segment_feature,
    standing_words,
)
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord

KNOWN = Metric(value=0.7, low=0.6, high=0.8, n=100)


@pytest.fixture
def firing(tmp_path: Path) -> Iterator[list[AlertView]]:
    store = watched_store(tmp_path)
    fire(store, Cause.BIAS, "performance.bias", summary="b")
    fire(store, Cause.HARM_ESTIMATED, "performance.error", summary="e")
    fire(store, Cause.HARM, "performance.error", summary="h")
    fire(store, Cause.SEGMENT_HARM, "performance.error[a=b=c]", summary="s")
    fire(store, Cause.MISSING, "input.a", summary="m")
    fire(store, Cause.HARM, "performance.error", summary="o", version="0")
    fire(store, Cause.HARM, "performance.error", summary="r", onset=START - 86_400 * 9, state=State.RESOLVED)
    yield alerts(Context(store, now=lambda: float(START)), "flights")
    store.close()


@pytest.fixture
def told(context: Context) -> PerformanceView:
    return performance(context, "delays")


def test_harm_is_told_apart_and_the_gravest_comes_first(firing: list[AlertView]) -> None:
    found = harm(firing, "1")
    assert [alert.summary for alert in found.seen] == ["h", "s", "b"]
    assert [alert.summary for alert in found.estimated] == ["e"]
    assert [alert.summary for alert in found.others] == ["o"]
    assert found.tone == "alarm"
    assert harm([alert for alert in firing if alert.cause is Cause.BIAS], "1").tone == "warn"


def test_the_feature_of_a_segment(firing: list[AlertView]) -> None:
    by = {alert.summary: alert for alert in firing}
    assert segment_feature(by["s"], ["a", "a=b", "b"]) == "a=b"
    assert segment_feature(by["s"], ["x"]) is None
    assert segment_feature(by["h"], ["a"]) is None


def test_a_good_record_is_listened_to_and_no_other(told: PerformanceView) -> None:
    window = replace(told.windows[0], estimated={told.main: KNOWN})
    record = TrackRecord(
        estimator="confidence", metric=told.main, windows=9, coverage=1.0, error=0.01, naive_error=0.02, good=True,
        note="",
    )  # fmt: skip
    good = replace(told, windows=(window,), estimator="confidence", record={told.main: record})
    assert "Its record is good, so it may raise an alarm. In 9 windows" in estimate_words(good, told.main)
    poor = replace(good, record={told.main: replace(record, good=False, note="too few")})
    assert "Do not rely on it: too few." in estimate_words(poor, told.main)
    young = replace(good, record={})
    assert estimate_words(young, told.main).endswith("no record yet, so no alarm is made of it.")
    assert estimate_words(replace(told, windows=()), told.main) == ""


def test_a_models_standing_in_a_word() -> None:
    none = Standing("roc_auc", None, 0, None, None)
    assert standing_words(none) == NOT_KNOWN
    seen = none._replace(metric=KNOWN, end=86_400)
    assert standing_words(seen) == "ROC AUC 0.700 (0.600 to 0.800), in the window to 1970-01-02 00:00 UTC"
    later = seen._replace(estimated=KNOWN, estimated_end=2 * 86_400)
    assert "; estimated since, without labels: ROC AUC 0.700" in standing_words(later)
    assert standing_words(later._replace(estimated_end=86_400)) == standing_words(seen)


def test_rewards_of_which_not_all_is_known(told: PerformanceView) -> None:
    assert reward_words(told) == ""
    windows = tuple(
        replace(one, rewards=2, zero_rewards=zero) for one, zero in zip(told.windows, (1, None), strict=False)
    )
    some = replace(told, windows=windows, mean_reward=Metric(value=2.0, n=4))
    assert reward_words(some) == "Mean reward 2.00 of 4 rewards. How many were zero is not known of 1 windows."


@pytest.mark.parametrize(
    ("bias", "words"),
    [
        (Metric(value=0.1, low=0.05, high=0.15), "says 0.100 more than comes true"),
        (Metric(value=-0.1, low=-0.15, high=-0.05), "says 0.100 less than comes true"),
        (Metric(value=0.01, low=-0.05, high=0.06), "neither too much nor too little, as far as can be told"),
    ],
)
def test_bias_in_words(told: PerformanceView, bias: Metric, words: str) -> None:
    assert words in bias_words(replace(told, total={"bias": bias}), "bias")
    assert bias_words(replace(told, total={}), "bias") == ""


def test_a_rise_that_cannot_be_told_is_none() -> None:
    rise = SegmentRise(before=0.1, now=0.3, rise=0.2, low=0.1, high=0.3, p_value=0.01, windows_before=20, windows_now=8)
    assert rise_words(rise).startswith("got worse: 0.100 before, 0.300 in the last 8 windows; by 0.200")
    assert rise_words(replace(rise, low=-0.1)).startswith("no change that could be told")
    assert rise_words(replace(rise, low=-0.3, high=-0.1)).startswith("got better")
    assert "not known" in rise_words(None)
