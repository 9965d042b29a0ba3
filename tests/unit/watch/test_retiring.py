"""Versions out of service: their alerts end, and nothing new is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.firing import fire
from tests.helpers.watching import DAY, START, FakeClock, register, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
from watchkeeper.store.buckets import Source
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.retiring import EVERY_SECONDS, Retiring, out_of_service
from watchkeeper.watch.rounds import Rounds

LATENESS = 600.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Version 2 was live on days 3 and 4 and fires; version 1 is live again."""
    made = watched_store(tmp_path)
    register(made, version="2")
    made.windows.touch("flights", "1", [(START + day * DAY, START + (day + 1) * DAY) for day in (0, 1, 2, 5)])
    made.windows.touch("flights", "2", [(START + day * DAY, START + (day + 1) * DAY) for day in (3, 4)])
    made.versions.set_live("flights", "1", float(START))
    yield made
    made.close()


def reach(store: Store, event: float) -> Stream:
    with store.begin():
        store.windows.advance(Stream(model="flights", newest_event=event, newest_receive=event, lag=0.0))
    return store.windows.streams()["flights"]


def gone(store: Store, version: str, event: float) -> bool:
    registry = Registry(store)
    registry.refresh()
    return out_of_service(store, registry, ("flights", version), reach(store, event))


def test_a_version_is_out_of_service_a_window_after_its_last_row(store: Store) -> None:
    due = START + 6 * DAY + LATENESS
    assert not gone(store, "2", due - 1)
    assert gone(store, "2", due)
    assert not gone(store, "1", due + 100 * DAY)


def test_a_version_without_rows_and_one_that_is_live_are_in_service(store: Store) -> None:
    register(store, version="3")
    assert not gone(store, "3", START + 9.0 * DAY)
    store.versions.set_live("flights", "2", START + 5.0 * DAY)
    assert not gone(store, "2", START + 9.0 * DAY)
    assert gone(store, "1", START + 9.0 * DAY)


def test_its_alerts_end_and_those_of_the_live_version_go_on(store: Store) -> None:
    bad = fire(store, Cause.HARM, "performance.error", summary="The error rose.", version="2")
    own = fire(store, Cause.HARM, "performance.error", summary="The error rose.")
    clock = FakeClock(START + 9.0 * DAY)
    retiring = Retiring(store, Registry(store), clock=clock)
    reach(store, START + 5.5 * DAY)
    assert retiring.run() == 0
    reach(store, START + 6.5 * DAY)
    retiring._registry.refresh()
    assert retiring.due() == 1
    assert store.alerts.get(bad).state is State.INACTIVE  # nobody had been told that it fires
    assert store.alerts.get(own).state is State.FIRING
    assert store.alerts.transitions(bad)[-1].reason == "version 2 answers no more"
    fire(store, Cause.HARM, "performance.error", summary="Again.", version="2", onset=START + DAY)
    assert retiring.due() == 0
    clock.now += EVERY_SECONDS
    assert retiring.due() == 1


def test_passes_over_labels_leave_it_out(store: Store) -> None:
    reach(store, START + 9.0 * DAY)
    seen: list[str] = []

    def judge(source: Source, _: Stream) -> int:
        seen.append(source.version)
        return 1

    registry = Registry(store)
    registry.refresh()
    sources = [Source("flights", version, "live") for version in ("1", "2")]
    assert Rounds(store, registry, FakeClock(START + 9.0 * DAY), sources=lambda: sources, judge=judge).run() == 1
    assert seen == ["1"]
