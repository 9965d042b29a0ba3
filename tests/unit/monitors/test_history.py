from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.monitors.history import BoolArray, History
from watchkeeper.tallies.tally import FloatArray

OWNER = np.array([0, 0, 1])


def history(*flags: list[int]) -> History:
    """Windows whose means tell their place; two columns, flagged as given (one list a column)."""
    flagged = np.array(flags, bool).T
    means = np.arange(len(flagged), dtype=float)[:, None] * np.ones(3)
    return made(means, np.full(flagged.shape, 100.0), flagged)


def made(means: FloatArray, rows: FloatArray, flagged: BoolArray) -> History:
    """Live windows, one a second."""
    return History(means, rows, flagged, np.arange(len(means)), np.ones(len(means), bool))


def places(known: History, windows: int = 28, adapt_after: int = 28, least: int = 1) -> tuple[list[float], list[float]]:
    past = known.last(windows, adapt_after, OWNER, least)
    return past.means[:, 0].tolist(), past.means[:, 2].tolist()


def test_quiet_windows_all_teach() -> None:
    assert places(history([0] * 5, [0] * 5)) == ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4])


def test_what_is_going_on_does_not_teach_its_own_column() -> None:
    one, other = places(history([0, 0, 0, 1, 1], [0] * 5))
    assert one == [0, 1, 2]
    assert other == [2, 3, 4]


def test_a_short_excursion_that_is_over_is_part_of_ordinary_life() -> None:
    assert places(history([0, 1, 1, 1, 0], [0] * 5))[0] == [0, 1, 2, 3, 4]


def test_a_long_event_that_is_over_stays_out() -> None:
    assert places(history([0, 1, 1, 1, 1, 0], [0] * 6))[0] == [0, 5]


def test_what_lasts_is_the_new_normal() -> None:
    lasting = history([0, 0] + [1] * 6, [0] * 8)
    assert places(lasting, adapt_after=7)[0] == [0, 1]
    assert places(lasting, windows=4, adapt_after=6)[0] == [4, 5, 6, 7]


def test_a_column_without_a_past_does_not_shorten_the_others() -> None:
    known = history([1] * 5, [0] * 5)
    past = known.last(3, 28, OWNER, 2)
    assert past.known.tolist() == [False, True]
    assert past.means[:, 2].tolist() == [2, 3, 4]
    assert past.rows.shape == (3, 3)


def test_times_are_right_for_columns_of_which_no_window_was_left_out() -> None:
    past = history([0, 0, 1, 1, 1, 1, 0], [0] * 7).last(3, 28, OWNER, 1)
    assert past.starts.tolist() == [4, 5, 6]
    assert past.aligned.tolist() == [False, True]


def test_windows_without_rows_do_not_teach() -> None:
    known = history([0, 0, 0], [0, 0, 0])
    empty = made(known.means, np.array([[100.0, 100.0], [0.0, 100.0], [100.0, 100.0]]), known.flagged)
    assert places(empty)[0] == [0, 2]


def test_runs_are_counted_back_from_now() -> None:
    assert history([1, 0, 1, 1], [0, 0, 0, 0]).run().tolist() == [2, 0]


def test_a_history_is_no_longer_than_its_limit() -> None:
    assert len(history([0] * 5, [0] * 5).then(history([0] * 3, [0] * 3), 6)) == 6


@given(st.lists(st.booleans(), min_size=1, max_size=80), st.integers(4, 30))
def test_quiet_windows_always_teach(flags: list[bool], adapt_after: int) -> None:
    known = history([int(f) for f in flags], [0] * len(flags))
    teaches = known.ordinary(adapt_after)
    assert teaches[~known.flagged].all()
