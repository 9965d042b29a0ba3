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
