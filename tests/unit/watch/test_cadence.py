"""Every five minutes, or ten windows of a replay."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.store.windows import Stream
from watchkeeper.watch.cadence import Cadence
from watchkeeper.watch.registry import Registry


def test_a_pass_is_due_by_the_clock_and_by_the_time_of_a_replay(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    registry = Registry(store)
    registry.refresh()
    cadence = Cadence(registry)

    def due(seconds: float, days: float) -> bool:
        stream = Stream(model="flights", newest_event=START + days * DAY, newest_receive=0.0, lag=0.0)
        return cadence.due({"flights": stream, "unknown": stream}, START + seconds)

    assert [due(seconds, 1) for seconds in (0, 100, 299, 300, 301, 700)] == [True, False, False, True, False, True]
    assert [due(701, days) for days in (1, 10.9, 11, 12, 21)] == [False, False, True, False, True]
    assert [due(seconds, 21) for seconds in (720, -3600, -3500)] == [False, True, False], "the clock was set back"
    store.close()
