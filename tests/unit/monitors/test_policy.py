from __future__ import annotations

import msgspec
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.policy import DAY, Policy


def test_one_alarm_a_month_is_one_day_in_thirty() -> None:
    assert Policy().q == pytest.approx(1 / 30)
    assert Policy(window=3600).q == pytest.approx(1 / 720)
    assert Policy(window=DAY, alarms_per_month=2).q == pytest.approx(1 / 15)


def test_the_level_is_never_silly() -> None:
    assert Policy(window=30 * DAY).q == 0.1


def test_a_window_of_no_length_is_refused() -> None:
    with pytest.raises(BadInput, match="above 0"):
        Policy(window=0)


def test_it_is_plain_json() -> None:
    policy = Policy(importance={"price": 3.0})
    assert msgspec.json.decode(msgspec.json.encode(policy), type=Policy) == policy


def test_policies_do_not_share_their_floors() -> None:
    assert Policy().break_floors is not Policy().break_floors


@pytest.mark.parametrize(
    ("window", "rolling", "settles"),
    [(DAY, 28, 21), (DAY // 4, 56, 21), (3600, 200, 21), (60, 200, 21), (7 * DAY, 28, 4), (91 * DAY, 28, 3)],
)
def test_short_windows_remember_more_of_them_and_long_ones_settle_sooner(
    window: int, rolling: int, settles: int
) -> None:
    policy = Policy(window=window, alarms_per_month=0.1)
    assert policy.rolling_windows == rolling
    assert policy.settles_after == settles
    assert policy.memory == rolling + 42


def test_patience_is_the_budget_as_a_mean_time() -> None:
    assert Policy().patience == 30
    assert Policy(window=3600).patience == 720


@pytest.mark.parametrize("weight", [0.0, -1.0, float("inf"), float("nan")])
def test_a_feature_without_a_share_of_the_budget_is_refused(weight: float) -> None:
    with pytest.raises(BadInput, match="importance of 'price'"):
        Policy(importance={"age": 2.0, "price": weight})
