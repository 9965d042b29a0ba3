"""Arrival is learned rightly from windows that are not complete."""

import numpy as np
import pytest

from watchkeeper.performance.arrival import Arrival, learn_arrival
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.tallies.tally import FloatArray

DAY = 86_400.0
LAYOUT = DelayLayout.of()


def windows(mean_days: float, days: int = 40, rows: int = 400) -> tuple[FloatArray, FloatArray]:
    """(ages, delays come so far) of daily windows whose labels take an exponential time."""
    rng = np.random.default_rng(0)
    ages, found = [], []
    for age in range(days):
        since = age * DAY + rng.random(rows) * DAY
        delay = rng.exponential(mean_days * DAY, rows)
        found.append(LAYOUT.delays(LAYOUT.tally(delay[delay < since]).counts)[0])
        ages.append(age * DAY)
    return np.array(ages), np.array(found)


def learned(mean_days: float) -> Arrival:
    arrival = learn_arrival(*windows(mean_days))
    assert arrival is not None
    return arrival


def test_the_share_come_is_right_where_plain_counting_is_not() -> None:
    arrival = learned(5.0)
    days = np.array([1.0, 3.0, 5.0, 10.0, 20.0])
    truth = 1 - np.exp(-days / 5)
    assert arrival.within(days * DAY) == pytest.approx(truth, abs=0.02)
    _, delays = windows(5.0)
    edges_below = np.cumsum(delays.sum(0)) / delays.sum()
    assert edges_below[np.searchsorted(arrival.share, truth[2])] > truth[2] + 0.04  # counting sees labels too early


def test_the_delay_of_a_share_is_its_inverse() -> None:
    arrival = learned(5.0)
    for share in (0.1, 0.5, 0.9):
        assert arrival.within(arrival.delay_of(share)) == pytest.approx(share, abs=1e-9)
    assert arrival.delay_of(0.0) == 0
    assert arrival.delay_of(2.0) == arrival.horizon == 39 * DAY


def test_a_window_counts_its_young_and_old_rows() -> None:
    arrival = learned(5.0)
    assert arrival.over(0, 2 * DAY) == pytest.approx(arrival.within(DAY), abs=0.02)


def test_labels_that_still_come_are_told() -> None:
    assert not learned(5.0).still_coming
    assert learned(60.0).still_coming


def test_nothing_teaches_nothing() -> None:
    assert learn_arrival(np.array([0.0]), np.ones((1, 110))) is None
    assert learn_arrival(np.array([DAY]), np.zeros((1, 110))) is None
