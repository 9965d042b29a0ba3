"""Times as clients write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.events.times import event_micros, time_micros

NOON = 1_359_633_600_000_000


@pytest.mark.parametrize(
    "value",
    [
        "2013-01-31T12:00:00Z",
        "2013-01-31T12:00:00",
        "2013-01-31 12:00:00+00:00",
        "2013-01-31 12:00",
        "2013-01-31T07:00:00-05:00",
        "1359633600",
        "1359633600.0",
        1359633600,
        1359633600.0,
        1359633600_000,
        1359633600_000_000,
        1359633600_000_000_000,
    ],
)
def test_every_way_to_write_a_time_is_the_same_time(value: object) -> None:
    assert event_micros(value, "here") == NOON


def test_microseconds_are_kept() -> None:
    assert event_micros("2013-01-31T12:00:00.123456Z", "here") == NOON + 123456


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "nan",
        "inf",
        "1e5",
        "2013-13-01",
        None,
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        1e30,
        -1,
        "1969-12-31T23:59:59Z",
        "2500-01-01",
        "9999-12-31",
        "9" * 40,
        "\u0661\u0662",
        10**400,
    ],
)
def test_what_is_no_event_time_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(BadInput, match=r"^here "):
        event_micros(value, "here")


def test_a_date_of_birth_may_lie_before_1970() -> None:
    assert time_micros("1950-01-01", "born") == -631_152_000_000_000


@given(st.integers(0, 9_223_372_035))
def test_whole_seconds_round_trip(seconds: int) -> None:
    assert event_micros(seconds, "here") == seconds * 1_000_000
