"""What was mature at a moment goes by what was known then."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.performance import Scored

DAY = 86_400
LAYOUT = DelayLayout.of(("0", "1"))


def windows(delays: Mapping[int, float], *, rows: int = 100) -> LabelledWindows:
    """A window a day, with labels that took so many seconds (none where it says nan)."""
    scored = {}
    for day, delay in delays.items():
        if np.isfinite(delay):
            took = LAYOUT.tally(np.full(rows, delay), np.arange(rows) % 2).counts
            scored[day * DAY] = Scored(day * DAY, DAY, np.zeros(3, np.int64), rows, delays=took)
    starts = tuple(day * DAY for day in delays)
    return LabelledWindows(None, LAYOUT, DAY, starts, dict.fromkeys(starts, rows), scored)


def days(known: KnownBy, at: float) -> list[int]:
    return [start // DAY for start in known.mature_by(at * DAY)]


def test_windows_are_mature_when_their_labels_have_come() -> None:
    known = KnownBy(windows(dict.fromkeys(range(20), 3.0 * DAY)))
    assert days(known, 10) == list(range(7))
    assert days(known, 20) == list(range(17))


def test_labels_that_come_later_were_not_known_to_be_missing() -> None:
    late = dict.fromkeys(range(20), 3.0 * DAY)
    assert days(KnownBy(windows(late)), 3) == []
    half = {day: 3600.0 if day < 10 else 5.0 * DAY for day in range(20)}
    assert days(KnownBy(windows(half)), 10) == list(range(10)), "nothing had shown by then that labels slow down"


def test_it_stays_known_however_long_nothing_comes() -> None:
    known = KnownBy(windows(dict.fromkeys(range(300), 3600.0)))
    assert days(known, 5000) == list(range(60, 300)), "the last 240"


@pytest.mark.parametrize("at", [6, 11, 15])
def test_what_comes_after_the_moment_changes_nothing(at: int) -> None:
    delays = {day: float(1 + day % 4) * DAY for day in range(20)}
    whole = KnownBy(windows(delays))
    before = KnownBy(windows({day: delay for day, delay in delays.items() if day < at}))
    assert days(whole, at) == days(before, at)


def test_without_labels_or_with_few_nothing_is_mature() -> None:
    assert days(KnownBy(windows({})), 5) == []
    assert days(KnownBy(windows(dict.fromkeys(range(9), float("nan")))), 9) == []
    assert days(KnownBy(windows(dict.fromkeys(range(9), 3600.0), rows=5)), 9) == []


def test_windows_without_labels_teach_nothing() -> None:
    gap = {day: float("nan") if day == 3 else 3600.0 for day in range(8)}
    assert days(KnownBy(windows(gap)), 8) == [0, 1, 2, 4, 5, 6, 7]
