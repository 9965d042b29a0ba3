import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray

from watchkeeper.demo.breaks import BREAKS, CONTROL, KILOMETRES_PER_MILE, NEW_CARRIER, break_at, with_breaks
from watchkeeper.demo.flights import FEATURES, Flights, load_flights, midnight


@pytest.fixture(scope="module")
def year() -> Flights:
    return load_flights()


@pytest.fixture(scope="module")
def broken(year: Flights) -> Flights:
    return with_breaks(year)


def test_breaks_come_after_the_control_weeks_and_never_together() -> None:
    days = [CONTROL[1]]
    for fault in BREAKS:
        assert 7 <= (fault.end - fault.first).days <= 14
        days += [fault.first, fault.end]
    assert days == sorted(days)


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_changes_only_where_a_break_says_so(year: Flights, broken: Flights, name: str) -> None:
    before, after = pa.array(year.features[name]), pa.array(broken.features[name])
    changed = year.departure[~np.asarray(pc.equal(before, after)) & ~np.isin(year.departure, missing(year, name))]
    spans = [fault.span for fault in BREAKS if fault.feature == name]
    assert all(any(start <= moment < end for start, end in spans) for moment in np.unique(changed).tolist())


def missing(flights: Flights, name: str) -> NDArray[np.int64]:
    column = flights.features[name]
    return (
        flights.departure[np.isnan(column.astype(float))] if column.dtype.kind == "f" else np.array([], dtype=np.int64)
    )


def test_sizes_of_the_breaks(year: Flights, broken: Flights) -> None:
    unit, missing, carrier = (broken.between(*fault.span).features[fault.feature] for fault in BREAKS)
    miles = year.between(*BREAKS[0].span).features["distance"]
    assert np.allclose(unit.astype(float), miles.astype(float) * KILOMETRES_PER_MILE)
    assert 0.28 < np.isnan(missing).mean() < 0.32
    assert 0.04 < (carrier == NEW_CARRIER).mean() < 0.06
    assert NEW_CARRIER not in set(year.features["carrier"])


def test_labels_and_times_are_untouched(year: Flights, broken: Flights) -> None:
    assert broken.late is year.late
    assert broken.landing is year.landing


def test_breaks_are_the_same_at_every_run(year: Flights, broken: Flights) -> None:
    again = with_breaks(year)
    assert all(np.array_equal(again.features[name], broken.features[name], equal_nan=False) for name in ("carrier",))
    assert np.array_equal(again.features["duration"], broken.features["duration"], equal_nan=True)


def test_break_at_finds_the_one_under_way() -> None:
    assert break_at(BREAKS[1].span[0]) is BREAKS[1]
    assert break_at(BREAKS[1].span[1]) is None
    assert break_at(midnight(CONTROL[0])) is None
