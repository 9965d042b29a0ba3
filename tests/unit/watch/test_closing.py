"""When windows close: by events, and in a live stream by the clock."""

from __future__ import annotations

import pytest

from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import complete_until, is_live, quiet_run, quiet_windows

HOURS = ModelSettings(bucket_seconds=60, window_seconds=3600, lateness_seconds=600)


def stream(newest: float, lag: float = 1.0) -> Stream:
    return Stream(model="m", newest_event=newest, newest_receive=newest + lag, lag=lag)


def test_a_replay_closes_by_its_events_alone() -> None:
    replay = stream(10_000.0, lag=1e8)
    assert not is_live(replay, HOURS)
    assert complete_until(replay, HOURS, now=2e8) == 9_400.0


def test_a_live_stream_closes_by_the_clock_too() -> None:
    assert complete_until(stream(10_000.0), HOURS, now=11_000.0) == 10_400.0
    assert complete_until(stream(10_000.0), HOURS, now=9_000.0) == 9_400.0


def test_late_uploads_are_live_if_so_declared() -> None:
    daily = ModelSettings(bucket_seconds=60, window_seconds=3600, lateness_seconds=100_000)
    assert is_live(stream(0.0, lag=90_000.0), daily)
    assert not is_live(stream(0.0, lag=90_000.0), HOURS)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (7_800.0, []),
        (14_400.0 + 599, [(7_200, 10_800)]),
        (14_400.0 + 600, [(7_200, 10_800), (10_800, 14_400)]),
        (1e6, [(7_200, 10_800), (10_800, 14_400), (14_400, 18_000)]),
    ],
)
def test_silence_is_judged_for_three_windows(now: float, expected: list[tuple[int, int]]) -> None:
    assert quiet_windows(stream(5_000.0), HOURS, now) == expected


def test_the_end_of_a_replay_is_no_silence() -> None:
    assert quiet_windows(stream(5_000.0, lag=1e8), HOURS, 1e9) == []


def test_empty_windows_are_counted_from_the_newest_event() -> None:
    assert [quiet_run(stream(5_000.0), start, 3600) for start in (0, 3600, 7_200, 10_800)] == [1, 1, 1, 2]
