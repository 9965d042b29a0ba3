"""Harm is seen on mature labels, told once, and left to its own pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.scored import LAYOUT, counted, label, predict, reach
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, register, watched_store
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Statement
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.buckets import Source
from watchkeeper.store.store import Store
from watchkeeper.watch.harm import HarmWatch
from watchkeeper.watch.harm_findings import ORDINARY
from watchkeeper.watch.label_blocks import LabelBlocks
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


# ------------------------------------------------------------ windows by their labels alone
def judge(store: Store, day: int, harm: HarmWatch | None = None, hours: float = 0.0) -> HarmWatch:
    """A pass some hours after the end of `day`, by a new process or by `harm`."""
    clock = FakeClock(reach(store, day) + 3600 * hours)
    if harm is None:
        harm = HarmWatch(store, Registry(store), clock=clock)
    harm._clock = clock
    harm.run()
    return harm


def alerts(store: Store, version: str = "1") -> dict[str, Alert]:
    return {alert.subject: alert for alert in store.alerts.newest("flights", version)}


def live(store: Store, *versions: str) -> None:
    """Versions that become live one after the other."""
    for at, version in enumerate(versions):
        if version != "1":
            register(store, version=version)
        store.versions.set_live("flights", version, START + float(at))


AGAINST = "performance.error against 1"


@pytest.mark.parametrize(("wrong", "worse"), [(0.2, True), (0.1, False)])
def test_a_new_version_is_held_against_the_one_before(store: Store, wrong: float, worse: bool) -> None:
    """Version 2 is wrong twice as often from its first window on: it has no ordinary windows, and none will come."""
    live(store, "1", "2")
    for day in range(30):
        predict(store, day)
        label(store, day, rows=400)
    for day in range(30, 45):
        label(store, day, wrong, version="2", rows=400)
    harm = judge(store, 33)
    judge(store, 44, harm)
    assert (AGAINST in alerts(store, "2")) is worse
    assert "performance.error" not in alerts(store, "2")
    assert len(store.outbox.find()) == int(worse)
    if worse:
        alert = alerts(store, "2")[AGAINST]
        assert (alert.state, alert.cause, alert.severity) == (State.FIRING, Cause.HARM, Severity.PAGE)
        assert alert.onset <= START + 31 * DAY
        assert alert.detected is not None
        assert alert.detected <= START + 34 * DAY
        assert "error against 1" in alert.title
        assert "in the last 30 windows of version 1" in alert.summary
        assert alert.next_step.startswith("Go back to version 1,")


def test_a_version_is_held_against_one_that_worked_long_enough(store: Store) -> None:
    """Version 2 was live for three days: too short to say what is ordinary, so version 3 is held against version 1."""
    live(store, "1", "2", "3")
    for day in range(30):
        predict(store, day)
        label(store, day, rows=400)
    for day in range(30, 33):
        predict(store, day, version="2")
        label(store, day, 0.5, version="2", rows=400)
    for day in range(33, 40):
        label(store, day, 0.4, version="3", rows=400)
    judge(store, 39)
    assert list(alerts(store, "3")) == [AGAINST]


def test_only_a_versions_first_windows_are_held_against_the_one_before(store: Store) -> None:
    live(store, "1", "2")
    for day in range(10):
        predict(store, day)
        label(store, day, rows=400)
    for day in range(10, 170):
        label(store, day, 0.1 if day < 140 else 0.4, version="2", rows=400)
    judge(store, 169)
    assert list(alerts(store, "2")) == ["performance.error"]


def test_an_alert_on_a_version_s_first_windows_is_followed_to_its_end(store: Store) -> None:
    """It is worse from the start until after its first 120 windows; then it is well, and stays so."""
    live(store, "1", "2")
    for day in range(10):
        predict(store, day)
        label(store, day, rows=400)
    harm: HarmWatch | None = None
    for day in range(10, 150):
        label(store, day, 0.4 if day < 138 else 0.1, version="2", rows=400)
        if day > 125 and day % 4 == 0:
            harm = judge(store, day, harm)
    for day in (149, 149):
        judge(store, day)
        alert = alerts(store, "2")[AGAINST]
        assert (alert.state, alert.revised) == (State.RESOLVED, False)
        assert alert.ended is not None
        assert START + 139 * DAY < alert.ended <= START + 146 * DAY
    assert len([notice for notice in store.outbox.find() if notice.alert_id == alert.id]) == 2


def test_what_shadows_and_canaries_did_is_not_what_the_live_version_did(store: Store) -> None:
    for day in range(30):
        label(store, day)
        for route in ("shadow", "canary"):
            label(store, day, 0.1 if day < 22 else 0.9, route=route, seed=1)
            label(store, day, 0.1 if day < 22 else 0.9, route=route, version="2")
    judge(store, 29)
    assert alerts(store) == alerts(store, "2") == {}


LATE = 6 * DAY


def test_a_window_that_matures_after_a_later_one_is_judged_all_the_same(tmp_path: Path) -> None:
    """The labels of day 21, an outage, come a week later. In the end all is as if they had come at once."""
    stores = [watched_store(tmp_path / name) for name in ("late", "at once")]
    for place, store in enumerate(stores):
        harm: HarmWatch | None = None
        for day in range(32):
            predict(store, day)
            if day != 21 or place:
                label(store, day, 0.7 if day in (21, 22) else 0.1)
            if day == 28 and not place:
                label(store, 21, 0.7, delay=LATE)
            if day > 20:
                harm = judge(store, day, harm)
    late, at_once = (alerts(store)["performance.error"] for store in stores)
    assert (late.onset, late.state, late.ended) == (at_once.onset, at_once.state, at_once.ended)
    assert late.onset == START + 21 * DAY
    assert (late.revised, at_once.revised) == (True, False)
    assert [len(store.outbox.find()) for store in stores] == [2, 2], "that it fired, and that it ended"
    for store in stores:
        store.close()


def test_the_verdict_of_a_window_does_not_depend_on_when_it_is_asked(tmp_path: Path) -> None:
    """One store is judged every sixth day, the other once at the end, over the end of an era."""
    stores = [watched_store(tmp_path / name) for name in ("often", "once")]
    for often, store in zip((True, False), stores, strict=True):
        harm: HarmWatch | None = None
        for day in range(100):
            label(store, day, 0.3 if 70 <= day < 90 else 0.1)
            if often and day > 66 and day % 6 == 0:
                harm = judge(store, day, harm)
        judge(store, 99, harm)
    daily_one, once = (alerts(store)["performance.error"] for store in stores)
    assert daily_one.onset == once.onset
    assert [signal for start, signal in daily_one.track.signals if start >= START + 75 * DAY] == [
        signal for start, signal in once.track.signals if start >= START + 75 * DAY
    ]
    assert not daily_one.revised
    for store in stores:
        store.close()


def test_scores_that_expect_too_much_are_a_notice(store: Store) -> None:
    for day in range(32):
        label(store, day, positives=0.5 if day < 24 else 0.5 - 0.2, wrong=0.1 if day < 24 else 0.3, rows=400)
    judge(store, 31)
    alert = alerts(store)["performance.bias"]
    assert (alert.cause, alert.severity, alert.state) == (Cause.BIAS, Severity.NOTICE, State.FIRING)
    assert START + 23 * DAY <= alert.onset <= START + 27 * DAY
    assert "prediction less truth rose" in alert.summary


def test_harm_says_what_the_scores_show_of_why(store: Store) -> None:
    """The labels contradict more of the same scores: what they mean changed."""
    for day in range(27):
        label(store, day, 0.1 if day < 24 else 0.4, rows=400)
    judge(store, 26)
    said = alerts(store)["performance.error"].summary
    assert said.startswith("The error rose: 0.39 against")
    assert said.endswith("The scores come as before, and mean something else: it looks like concept drift.")


@pytest.mark.parametrize(("in_sample", "told"), [(False, 1), (None, 0), (True, 0)])
def test_a_version_that_was_never_as_good_as_on_its_reference(
    store: Store, monkeypatch: pytest.MonkeyPatch, in_sample: bool | None, told: int
) -> None:
    harm = judge(store, 0)
    counts = np.stack([counted(day, 0.1, rows=400, seed=9) for day in range(20)])
    known = ReferencePerformance.of(LAYOUT, np.arange(20) * DAY, counts, width=DAY, in_sample=in_sample)
    monkeypatch.setattr(harm._registry, "performance", lambda *_: known)
    for day in range(30):
        label(store, day, 0.2, rows=400)
    judge(store, 29, harm)
    assert [alert.title for alert in alerts(store).values()] == told * [
        "flights 1: harm seen in error against the reference"
    ]


# ------------------------------------------------------------ what a pass costs
def looked_at(harm: HarmWatch, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    seen: list[str] = []
    read = harm._labels.blocks

    def blocks(source: Source, *rest: Any) -> LabelBlocks:
        seen.append(source.model)
        return read(source, *rest)

    monkeypatch.setattr(harm._labels, "blocks", blocks)
    return seen


def test_a_version_with_nothing_new_is_not_looked_at_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(25):
        label(store, day)
    harm = judge(store, 24)
    seen = looked_at(harm, monkeypatch)
    judge(store, 24, harm, hours=0.5)
    assert seen == []
    label(store, 24, rows=20, seed=1)
    judge(store, 24, harm, hours=0.5)
    assert seen == [], "a few labels are not worth it"
    label(store, 24, rows=40, seed=2)
    judge(store, 24, harm, hours=0.5)
    assert seen == ["flights"]
    judge(store, 24, harm, hours=1.6)
    assert seen == ["flights", "flights"], "once an hour in any case"


def test_a_window_is_judged_when_it_matures_though_no_label_came(store: Store) -> None:
    for day in range(25):
        label(store, day)
    now = reach(store, 23)
    harm = HarmWatch(store, Registry(store), clock=FakeClock(now))
    harm.run()
    told = store.positions.get("harm flights 1")
    assert told == START + 23 * DAY
    harm._clock = FakeClock(now + DAY)
    reach(store, 24)
    assert harm.run() == 1
    assert store.positions.get("harm flights 1") == START + 24 * DAY


def test_a_long_pass_pauses_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = ("a", "b", "c")
    store = watched_store(tmp_path, *models)
    for model in models:
        for day in range(3):
            label(store, day, model=model)
        now = reach(store, 2, model)
    ticks = iter(now + 0.4 * np.arange(100))
    harm = HarmWatch(store, Registry(store), clock=lambda: float(next(ticks)))
    seen = looked_at(harm, monkeypatch)
    harm.due()
    assert 0 < len(seen) < 3
    while len(seen) < 3:
        harm.due()
    assert seen == ["a", "b", "c"]
    store.close()
