"""Harm in a segment is seen live: one alert that names it, and none for others."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.store.store import Store, open_store
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.segments import CAUSES, SegmentWatch
from watchkeeper.watch.worker import Worker

DAYS, HARMED, ROWS = 34, 27, 160
NOW = START + DAYS * float(DAY)


def fill(store: Store, *, harmed_from: int = 999, first: int = 0, carrier: str = "UA", days: int = DAYS) -> None:
    """Days of labelled rows, one in ten of them wrong; of one carrier's, from `harmed_from` on, six in ten."""
    rng, journal = np.random.default_rng(first), MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock(START + days * float(DAY)))
    worker.position = 0  # another journal
    for day in range(first, days):
        seconds = START + day * DAY + np.arange(ROWS) * 500
        rows = batch(seconds, seed=day)
        of_carrier = np.array(rows.column("input.carrier").to_pylist()) == carrier
        wrong: BoolArray = rng.random(ROWS) < np.where(of_carrier & (day >= harmed_from), 0.6, 0.1)
        truth = (rows.column("output.probability").to_numpy() > 0.5) ^ wrong
        names = rows.column("prediction_id").to_pylist()
        journal.append(
            [entry(rows), sent(*(item(name, float(truth[k]), at=seconds[k] + 60.0) for k, name in enumerate(names)))]
        )
    while worker.step().entries:
        pass
    worker.close()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two data directories, `harmed` and `calm`; tests work on copies."""
    folder = tmp_path_factory.mktemp("segments")
    for name, harmed_from in (("harmed", HARMED), ("calm", 999)):
        made = watched_store(folder / name)
        fill(made, harmed_from=harmed_from)
        made.close()
    return folder


@pytest.fixture
def harmed(filled: Path, tmp_path: Path) -> Iterator[Store]:
    yield from copied(filled / "harmed", tmp_path)


@pytest.fixture
def calm(filled: Path, tmp_path: Path) -> Iterator[Store]:
    yield from copied(filled / "calm", tmp_path)


def copied(folder: Path, to: Path) -> Iterator[Store]:
    made = open_store(shutil.copytree(folder, to / "data"))
    yield made
    made.close()


def watch(store: Store, now: float = NOW) -> SegmentWatch:
    return SegmentWatch(store, Registry(store), targets=("log",), clock=FakeClock(now))


def alerts(store: Store) -> list[Alert]:
    return [alert for alert in store.alerts.newest("flights", "1") if alert.cause in CAUSES]


def test_harm_to_one_carrier_is_told_once_and_names_it(harmed: Store) -> None:
    store = harmed
    segments = watch(store)
    assert segments.run() == 10
    (alert,) = alerts(store)
    assert (alert.cause, alert.state) == (Cause.SEGMENT_HARM, State.FIRING)
    assert alert.subject == "performance.error[carrier=UA]"
    assert alert.title == "flights 1: harm in a segment (carrier is UA)"
    assert "carrier is UA" in alert.summary
    assert "elsewhere it did not" in alert.summary
    assert len(store.outbox.find()) == 1
    assert segments.run() == 0
    assert watch(store).run() == 0, "a new process knows what was judged"
    assert len(store.outbox.find()) == 1


def test_ordinary_errors_are_no_harm_in_any_segment(calm: Store) -> None:
    assert watch(calm).run() == 10
    assert alerts(calm) == []


def test_a_pass_that_crashed_says_the_same_when_it_is_repeated(harmed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store, positions = harmed, type(harmed.positions)
    crashed = watch(store)
    whole, told = positions.set, []

    def set_or_crash(self: object, name: str, position: int) -> None:
        told.append(position)
        if len(told) == 6:
            raise RuntimeError("power cut")
        whole(store.positions, name, position)

    monkeypatch.setattr(positions, "set", set_or_crash)
    assert crashed.run() == 0
    monkeypatch.undo()
    assert watch(store).run() == 5
    (alert,) = alerts(store)
    assert alert.state is State.FIRING
    assert [start for start, _ in alert.track.signals] == sorted({start for start, _ in alert.track.signals})
    assert len(store.outbox.find()) == 1


def test_what_is_said_does_not_depend_on_when_passes_ran(harmed: Store, filled: Path, tmp_path: Path) -> None:
    watch(harmed).run()
    for often in copied(filled / "harmed", tmp_path / "often"):
        for day in (25, 28, 30, 31, DAYS):
            watch(often, START + day * float(DAY)).run()
        said = [[(alert.subject, alert.onset, alert.size) for alert in alerts(one)] for one in (harmed, often)]
    assert said[0] == said[1] != []


def test_an_alert_ends_when_the_segment_is_well_again(harmed: Store) -> None:
    store = harmed
    watch(store).run()
    later = START + (DAYS + 12) * float(DAY)
    fill(store, first=DAYS, days=DAYS + 12)
    watch(store, later).run()
    assert [alert.state for alert in alerts(store)] == [State.RESOLVED]


def test_few_windows_say_nothing(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    fill(store, harmed_from=4, days=10)
    assert watch(store).run() == 0
    store.close()


def test_expired_records_say_nothing(harmed: Store) -> None:
    harmed.records.expire("flights", (START + DAYS * DAY) * 1_000_000)
    assert watch(harmed).run() == 10
    assert alerts(harmed) == []


def test_a_window_is_judged_when_it_has_matured(calm: Store) -> None:
    clock = FakeClock(NOW)
    segments = SegmentWatch(calm, Registry(calm), clock=clock)
    assert segments.due() == 10
    clock.now += 100.0
    assert segments.due() == 0
    fill(calm, first=DAYS, days=DAYS + 2)
    clock.now = NOW + 2 * DAY
    assert segments.due() == 2


def test_a_version_without_labels_is_passed_over(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    assert watch(store).run() == 0
    store.close()
