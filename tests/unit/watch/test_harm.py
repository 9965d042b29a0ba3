"""Harm is seen on mature labels, told once, and left to its own pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.watch.harm import ORDINARY, HarmWatch, harm_of
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

DAYS, BROKEN, ROWS = 30, 25, 120


def fill(store: Store, wrong_from: int) -> None:
    """Days of rows labelled after an hour: a tenth of the labels contradict the score, from `wrong_from` on half."""
    rng = np.random.default_rng(1)
    clock, journal = FakeClock(START + DAYS * float(DAY)), MemoryJournal()
    worker = Worker(store, journal, clock=clock)
    for day in range(DAYS):
        seconds = START + day * DAY + np.arange(ROWS) * 600
        rows = batch(seconds, seed=day)
        noise = rng.random(ROWS) < (0.5 if day >= wrong_from else 0.1)
        truth = (rows.column("output.probability").to_numpy() > 0.5) ^ noise
        names = rows.column("prediction_id").to_pylist()
        found = [item(name, float(truth[k]), at=seconds[k] + 3600.0) for k, name in enumerate(names)]
        journal.append([entry(rows), sent(*found)])
    while worker.step().entries:
        pass
    worker.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    yield made
    made.close()


def watch(store: Store) -> HarmWatch:
    return HarmWatch(store, Registry(store), targets=("log",), clock=FakeClock(START + DAYS * float(DAY)))


def test_lasting_harm_pages_once(store: Store) -> None:
    fill(store, BROKEN)
    harm = watch(store)
    assert harm.run() >= DAYS - ORDINARY - 1
    (alert,) = store.alerts.find(states=[State.FIRING])
    assert (alert.cause, alert.statement) == (Cause.HARM, Statement.HARM)
    assert START + BROKEN * DAY <= alert.onset <= START + (BROKEN + 2) * DAY
    assert len(store.outbox.find()) == 1
    assert harm.run() == 0
    assert watch(store).run() == 0, "a new process knows what was judged"
    assert len(store.outbox.find()) == 1


def test_ordinary_errors_are_no_harm(store: Store) -> None:
    fill(store, DAYS)
    assert watch(store).run() >= DAYS - ORDINARY - 1
    assert store.alerts.find(states=[State.FIRING, State.PENDING]) == []


def test_a_pass_over_the_data_leaves_harm_alone(store: Store) -> None:
    fill(store, BROKEN)
    watch(store).run()
    before = store.alerts.find(states=[State.FIRING])
    Monitoring(store, clock=FakeClock(START + DAYS * float(DAY))).run()
    assert [a for a in store.alerts.find(states=[State.FIRING]) if a.cause is Cause.HARM] == before


def test_what_is_due_is_judged_every_five_minutes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    harm = HarmWatch(store, Registry(store), clock=clock)
    runs: list[float] = []
    monkeypatch.setattr(harm, "run", lambda: runs.append(clock.now))
    for seconds in (0, 100, 299, 301, 302, 700):
        clock.now = float(START + seconds)
        harm.due()
    assert runs == [START, START + 301, START + 700]


def correct(store: Store, days: range, wrong: float) -> None:
    """Correct every label of `days`, so that the share `wrong` of them contradicts the score."""
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock(START + DAYS * float(DAY)))
    worker.position = 0  # another journal
    rng = np.random.default_rng(7)
    for day in days:
        rows = batch(START + day * DAY + np.arange(ROWS) * 600, seed=day)
        truth = (rows.column("output.probability").to_numpy() > 0.5) ^ (rng.random(ROWS) < wrong)
        names = rows.column("prediction_id").to_pylist()
        journal.append([sent(*(item(name, float(truth[k]), "correction") for k, name in enumerate(names)))])
    while worker.step().entries:
        pass
    worker.close()


def test_corrections_that_take_the_harm_away_end_its_alert(store: Store) -> None:
    fill(store, BROKEN)
    harm = watch(store)
    harm.run()
    correct(store, range(BROKEN, DAYS), 0.1)
    assert harm.run() >= DAYS - BROKEN - 1
    assert store.alerts.find(states=[State.FIRING]) == []
    (alert,) = store.alerts.newest("flights", "1")
    assert alert.revised
    assert len(store.outbox.find()) <= 2, "that it fired, and at most that it ended"
    assert harm.run() == 0


def test_corrections_that_show_harm_tell_it_once(store: Store) -> None:
    fill(store, DAYS)
    harm = watch(store)
    harm.run()
    correct(store, range(BROKEN, DAYS), 0.5)
    harm.run()
    (alert,) = store.alerts.find(states=[State.FIRING])
    assert START + BROKEN * DAY <= alert.onset <= START + (BROKEN + 2) * DAY
    told = len(store.outbox.find())
    correct(store, range(BROKEN, DAYS), 0.6)
    watch(store).run()
    assert len(store.outbox.find()) == told == 1


def test_young_windows_and_few_of_them_say_nothing(store: Store) -> None:
    fill(store, BROKEN)
    now = START + DAYS * float(DAY)
    whole = labelled_windows(store.performance, ("flights", "1"), (START, START + DAYS * DAY), DAY)
    assert [finding.verdict for _, finding in harm_of(whole, now)][-1] is Verdict.ALARM
    few = labelled_windows(store.performance, ("flights", "1"), (START, START + ORDINARY * DAY), DAY)
    assert harm_of(few, now) == []
    none = labelled_windows(store.performance, ("flights", "2"), (START, START + DAYS * DAY), DAY)
    assert harm_of(none, now) == []


def test_a_replay_is_judged_by_its_own_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, journal = FakeClock(START + 100.0 * DAY), MemoryJournal()
    worker, harm = Worker(store, journal, clock=clock), HarmWatch(store, Registry(store), clock=clock)
    harm.run()
    runs: list[float] = []
    monkeypatch.setattr(harm, "run", lambda: runs.append(store.windows.streams()["flights"].newest_event))
    for day in (0, 5, 9, 11, 12, 22):
        journal.append([entry(batch([START + day * DAY + 1.0], seed=day))])
        worker.step()
        harm.due()
    worker.close()
    assert runs == [START + day * DAY + 1.0 for day in (0, 11, 22)]
