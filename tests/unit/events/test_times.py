"""Times as clients write them."""

from __future__ import annotations

import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.events.times import event_micros

JUNE = 1_370_088_000_000_000


@pytest.mark.parametrize(
    "value",
    [
        "2013-06-01T12:00:00Z",
        "2013-06-01 12:00",
        "2013-06-01T14:00:00+02:00",
        "1370088000",
        1_370_088_000,
        1_370_088_000.0,
        1_370_088_000_000,
        JUNE,
        JUNE * 1000,
    ],
)
def test_every_way_to_write_a_time_means_the_same(value: object) -> None:
    assert event_micros(value, "event_time") == JUNE


@pytest.mark.parametrize("value", ["", "noon", None, [], True, float("nan"), float("inf"), -1, 1e30, "9999-12-31"])
def test_what_is_no_time_is_refused_by_name(value: object) -> None:
    with pytest.raises(BadInput, match="event_time"):
        event_micros(value, "event_time")
