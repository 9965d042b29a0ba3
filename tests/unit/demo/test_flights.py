from datetime import UTC, datetime

import numpy as np
import pyarrow.compute as pc
import pytest

from watchkeeper.demo.flights import (
    FEATURES,
    FLIGHTS,
    NEW_YORK,
    TRAINED_UNTIL,
    Flights,
    as_table,
    day_of,
    load_flights,
    local_minute,
    midnight,
)


@pytest.fixture(scope="module")
def year() -> Flights:
    return load_flights()


def test_copy_in_the_package_is_compact() -> None:
    assert FLIGHTS.stat().st_size < 3_000_000
    assert FLIGHTS.with_name("FLIGHTS.md").is_file()


def test_year_is_whole_and_in_order(year: Flights) -> None:
    assert len(year) == 336_776
    assert tuple(year.features) == FEATURES
    assert (np.diff(year.departure) >= 0).all()
    assert year.cancelled.sum() == 8_255
    assert (~year.landed).sum() == 9_430


def test_label_is_for_flights_that_landed(year: Flights) -> None:
    assert not year.late[~year.landed].any()
    assert 0.2 < year.late[year.landed].mean() < 0.3
    assert (year.landing[year.landed] > year.departure[year.landed]).all()


def test_between_cuts_by_departure(year: Flights) -> None:
    start = midnight(TRAINED_UNTIL)
    part = year.between(start, start + 86_400)
    assert 900 < len(part) < 1_100
    assert part.departure[0] >= start
    assert part.departure[-1] < start + 86_400


def test_as_table_keeps_missing_as_null(year: Flights) -> None:
    table = as_table(year.rows(slice(0, 5_000)), landed_only=False)
    assert table.num_rows == 5_000
    assert table["visibility"].null_count == np.isnan(year.features["visibility"][:5_000]).sum()
    assert table["late"].null_count == (~year.landed[:5_000]).sum()
    assert pc.is_finite(table["distance"]).to_pylist() == [True] * 5_000


def test_as_table_can_keep_landed_flights_alone(year: Flights) -> None:
    part = year.rows(slice(0, 5_000))
    table = as_table(part, landed_only=True)
    assert table.num_rows == part.landed.sum()
    assert table["late"].null_count == 0


def test_local_minute_follows_the_clock_change() -> None:
    hours = [datetime(2013, 3, 10, 6, 59, tzinfo=UTC), datetime(2013, 3, 10, 7, 0, tzinfo=UTC)]
    minutes = local_minute(np.array([int(hour.timestamp()) for hour in hours]))
    assert minutes.tolist() == [1 * 60 + 59, 3 * 60]


def test_days_are_utc() -> None:
    assert day_of(midnight(TRAINED_UNTIL)) == TRAINED_UNTIL
    assert datetime.fromtimestamp(midnight(TRAINED_UNTIL), tz=NEW_YORK).hour == 20
