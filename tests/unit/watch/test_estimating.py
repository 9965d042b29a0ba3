"""Estimates are made as windows close, from earlier windows only, once, and told where their record is good."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import asdict

from tests.helpers.calibrated import ROWS, STEP, by_small_turns, by_turns, day_entries, fill, keep
from tests.helpers.feedback import item, sent
from tests.helpers.scored import predict, reach
from tests.helpers.watching import DAY, START, FakeClock, batch, watched_store
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.course import Signal
from watchkeeper.alerts.table import State
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.estimate import CONFIDENCE
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.weighted_estimate import WEIGHTED
from watchkeeper.store.buckets import Source
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.performance import Scored
from watchkeeper.store.store import Store, open_store
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.registry import Registry

DAYS, LATE = 28, 3 * float(DAY)
NOW = START + 80.0 * DAY
SHIFTED = range(24, DAYS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with all days in it, labelled after an hour; nothing was estimated yet."""
    folder = tmp_path_factory.mktemp("days")
    made = watched_store(folder)
    fill(made, range(DAYS), shape=harder)
    made.close()
    return folder


@pytest.fixture
def filled(days: Path, tmp_path: Path) -> Iterator[Store]:
    made = copied(days, tmp_path / "filled")
    yield made
    made.close()


def copied(days: Path, folder: Path) -> Store:
    shutil.copytree(days, folder)
    return open_store(folder)


def harder(day: int) -> float:
    """Inputs move: from day 24 on every score is near the middle."""
    return 20.0 if day in SHIFTED else by_small_turns(day)


def watch(store: Store) -> EstimateWatch:
    return EstimateWatch(store, Registry(store), clock=FakeClock(NOW))


def estimated(store: Store, method: str = CONFIDENCE) -> dict[int, Estimate]:
    """By day."""
    kept = store.estimates.of("flights", "1", START, START + 90 * DAY, method)
    return {(one.start - START) // DAY: one for one in kept if one.metrics}


def told(store: Store) -> list[Alert]:
    return store.alerts.find(states=[State.FIRING])


def run_all(watching: EstimateWatch) -> int:
    """Until nothing is left; how many windows."""
    made = 0
    while some := watching.run():
        made += some
    return made


def contents(kept: dict[int, Estimate]) -> list[dict[str, object]]:
    return [asdict(one) | {"made_at": 0.0} for one in kept.values()]


def test_a_move_of_the_inputs_is_told_before_its_labels_come(store: Store) -> None:
    fill(store, range(DAYS), shape=harder, delay=LATE)
    assert run_all(watch(store)) == DAYS - 12
    (alert,) = told(store)
    assert alert.cause is Cause.HARM_ESTIMATED
    assert alert.severity is Severity.NOTICE
    assert alert.detected is not None
    assert alert.detected <= START + (SHIFTED[0] + 2) * DAY, "labels of the first such day come a day later"
    assert len(store.outbox.find()) == 1
    kept = estimated(store)
    assert kept[SHIFTED[3]].metrics["accuracy"].value == pytest.approx(0.56, abs=0.04)
    assert kept[12].metrics["accuracy"].value == pytest.approx(0.86, abs=0.04)
    assert kept[12].usual["accuracy"] == pytest.approx(0.82, abs=0.03)
    assert kept[12].taught == (9, 9 * ROWS), "of 12 windows the labels of 9 had come"


def test_where_labels_mean_something_else_nobody_is_told(store: Store) -> None:
    fill(store, range(DAYS), shape=harder, turned=range(16, DAYS), delay=3600.0)
    run_all(watch(store))
    assert estimated(store)[SHIFTED[3]].metrics["accuracy"].value is not None
    assert told(store) == []


def test_nothing_that_came_later_changes_an_estimate(filled: Store, tmp_path: Path) -> None:
    run_all(watch(filled))
    for end in (9, 14):
        less = watched_store(tmp_path / str(end))
        fill(less, range(end + 1), shape=harder, labelled=range(end))
        run_all(watch(less))
        for method in (CONFIDENCE, WEIGHTED):
            whole, known = estimated(filled, method), estimated(less, method)
            assert max(known) == end
            assert contents(known) == contents({day: one for day, one in whole.items() if day <= end})
        less.close()


def test_a_window_is_estimated_once_and_a_new_process_knows(store: Store) -> None:
    fill(store, range(14))
    watching = watch(store)
    assert run_all(watching) == 14 - 8
    first = estimated(store)
    assert watching.run() == watch(store).run() == 0
    fill(store, [14])
    assert run_all(watching) == 1
    assert {day: one for day, one in estimated(store).items() if day < 14} == first


def test_windows_that_are_open_wait(store: Store) -> None:
    fill(store, range(12))
    watching = EstimateWatch(store, Registry(store), clock=FakeClock(START + 11.5 * DAY))
    run_all(watching)
    assert sorted(estimated(store)) == [8, 9, 10]
    behind = EstimateWatch(store, Registry(store), clock=FakeClock(NOW), read_until=lambda: START + 11.9 * DAY)
    assert run_all(behind) == 0, "rows of that day may wait in the journal"


def test_a_pass_does_some_windows_at_a_time(filled: Store) -> None:
    watching = watch(filled)
    assert [watching.run(work=8) for _ in range(4)] == [8, 8, 4, 0]
    assert watching.due() == 0


@pytest.mark.parametrize("fatal", ["put", "add"])
def test_a_crash_between_windows_repeats_nothing(
    filled: Store, days: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: str
) -> None:
    broken = filled.estimates if fatal == "put" else filled.outbox
    works = getattr(broken, fatal)
    calls: list[int] = []

    def dying(*given: object) -> None:
        calls.append(len(calls))
        if len(calls) % 10 == 1:
            raise MemoryError
        works(*given)

    monkeypatch.setattr(broken, fatal, dying)
    for _ in range(3):
        with contextlib.suppress(MemoryError):
            run_all(watch(filled))
    assert calls
    monkeypatch.undo()
    run_all(watch(filled))
    other = copied(days, tmp_path / "other")
    run_all(watch(other))
    assert contents(estimated(filled)) == contents(estimated(other))
    assert [alert.onset for alert in told(filled)] == [alert.onset for alert in told(other)]
    assert len(filled.outbox.find()) == len(other.outbox.find()) == 1
    other.close()


def test_late_rows_of_a_window_have_it_estimated_again(filled: Store) -> None:
    watching = watch(filled)
    run_all(watching)
    before = estimated(filled)
    keep(filled, *day_entries(15, 9.0, rows=40, labelled=False, prefix="late"))
    assert run_all(watching) == 1
    after = estimated(filled)
    assert after[15].metrics["accuracy"].n == before[15].metrics["accuracy"].n + 40
    assert after.pop(15) != before.pop(15)
    assert after == before


def test_corrections_leave_what_was_shown(filled: Store) -> None:
    watching = watch(filled)
    run_all(watching)
    before = estimated(filled)
    ids = batch(START + 9 * DAY + np.arange(100) * STEP, seed=9).column("prediction_id").to_pylist()
    keep(filled, sent(*(item(name, 0.0, "correction") for name in ids)))
    assert run_all(watching) == 0
    assert run_all(watch(filled)) == 0
    assert estimated(filled) == before


def test_what_cannot_be_estimated_says_why_and_is_tried_again(store: Store) -> None:
    fill(store, range(10), labelled=range(4))
    watching = watch(store)
    assert watching.run() == 0
    kept = store.estimates.of("flights", "1", START, int(NOW))
    assert [(one.start - START) // DAY for one in kept] == list(range(10))
    assert all("fewer than 8 windows" in one.note and not one.metrics for one in kept)
    keep(store, *(day_entries(day, by_turns(day))[1] for day in range(4, 10)))
    assert run_all(watching) == 2
    assert sorted(estimated(store)) == [8, 9]


def test_versions_that_nothing_estimates_hold_up_no_other(tmp_path: Path) -> None:
    others = [f"a{number}" for number in range(9)]
    store = watched_store(tmp_path, *others, "flights")
    ranked = {"pairs": layout_for("ranking", ()).to_dict(), "delays": DelayLayout().to_dict()}
    for model in others:
        store.performance.set_layout(model, "1", msgspec.json.encode(ranked).decode())
        store.performance.add(Source(model, "1", "live"), [Scored(START, 3600, rows=1)])
        predict(store, 0, model=model)
        reach(store, 9, model)
    fill(store, range(10))
    watching = watch(store)
    assert sum(watching.due() for _ in range(4)) == 2
    assert sorted(estimated(store)) == [8, 9]
    store.close()


def test_without_any_label_nothing_is_kept(store: Store) -> None:
    fill(store, range(6), labelled=())
    assert watch(store).run() == 0
    assert store.estimates.of("flights", "1", START, int(NOW)) == []


def test_one_row_is_a_window_and_alarms_nobody(filled: Store) -> None:
    fill(filled, (DAYS, DAYS + 2), rows=1)
    run_all(watch(filled))
    kept = estimated(filled)
    assert kept[DAYS].metrics["accuracy"].n == 1
    assert kept[DAYS].metrics["accuracy"].low is not None
    assert DAYS + 1 not in kept, "no row came"
    (alert,) = filled.alerts.newest("flights", "1")
    assert alert.state is State.NO_DATA
    assert [signal for _, signal in alert.track.signals][-2:] == [Signal.SILENT] * 2


def test_labels_of_one_class_teach_what_they_can(store: Store) -> None:
    fill(store, range(17), ones=True)
    run_all(watch(store))
    found = estimated(store)[16].metrics
    assert found["positive_rate"].value == pytest.approx(1.0)
    assert found["specificity"].value is None
    assert found["roc_auc"].value is None
    assert told(store) == []


def test_the_monitors_pass_estimates_too_and_leaves_its_alerts_alone(filled: Store) -> None:
    monitoring = Monitoring(filled, clock=FakeClock(NOW))
    while monitoring.run():
        pass
    assert sorted(estimated(filled)) == list(range(8, DAYS))
    assert Cause.HARM_ESTIMATED in {alert.cause for alert in told(filled)}


def test_a_store_opened_again_goes_on(days: Path, tmp_path: Path) -> None:
    for work in (3, 5):
        store = copied(days, tmp_path / "again") if work == 3 else open_store(tmp_path / "again")
        assert watch(store).run(work=work) == work
        store.close()
