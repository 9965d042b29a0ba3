"""Models without scores, live: what a worker kept of rows and labels teaches estimates, and a hard week is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.calibrated import keep
from tests.helpers.hardness import ROWS, by_turns, day_entries, fill, mean_loss, store_of
from tests.helpers.watching import DAY, START, FakeClock
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.performance.estimated_loss import READ_FROM, estimated_loss
from watchkeeper.performance.loss_estimate import LOSS_MODEL
from watchkeeper.store.estimator_records import EstimatorRecords, by_window
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.registry import Registry

DAYS, HARD_FROM, HARD_SHARE = 23, 20, 0.95
END = START + DAYS * DAY
OF = ("flights", "1")


def share(day: int) -> float:
    """Inputs move: from day 20 on nearly all rows are hard."""
    return HARD_SHARE if day >= HARD_FROM else by_turns(day)


def run_all(store: Store) -> None:
    watching = EstimateWatch(store, Registry(store), clock=FakeClock(END + 5.0 * DAY))
    while watching.run():
        pass


@pytest.mark.parametrize(("task", "off"), [("regression", 0.2), ("binary", 0.06)])
def test_a_hard_week_is_foretold_and_told(task: str, off: float, tmp_path: Path) -> None:
    store = store_of(task, tmp_path)
    fill(store, task, range(DAYS), share)
    run_all(store)
    kept = by_window(store.estimates.of(*OF, START, END), DAY)
    assert sorted(kept) == [START + day * DAY for day in range(8, DAYS)]
    for start, methods in kept.items():
        assert set(methods) == {LOSS_MODEL}
        loss = estimated_loss(task, methods[LOSS_MODEL].metrics)
        assert loss is not None
        assert loss.value == pytest.approx(mean_loss(task, share((start - START) // DAY)), abs=off)
    windows = labelled_windows(store.performance, OF, (START, END), DAY)
    record = EstimatorRecords(windows, KnownBy(windows), kept).by(START + HARD_FROM * DAY, READ_FROM[task])
    found = record[LOSS_MODEL][READ_FROM[task]]
    assert found.good, found.note
    (alert,) = store.alerts.find(states=[State.FIRING])
    assert (alert.cause, alert.severity) == (Cause.HARM_ESTIMATED, Severity.NOTICE)
    assert alert.onset is not None
    assert alert.onset >= START + HARD_FROM * DAY
    assert len(store.outbox.find()) == 1
    store.close()


def test_only_what_is_answered_live_is_estimated(tmp_path: Path) -> None:
    store = store_of("binary", tmp_path)
    shadows = [one for day in range(9) for one in day_entries("binary", day, 0.95, route="shadow")]
    keep(store, *shadows)
    run_all(store)
    assert store.estimates.of(*OF, START, END) == []
    fill(store, "binary", range(9))
    run_all(store)
    (made,) = (one for one in store.estimates.of(*OF, START, END) if one.metrics)
    assert made.metrics["accuracy"].n == ROWS
    assert made.metrics["accuracy"].value == pytest.approx(1 - mean_loss("binary", by_turns(8)), abs=0.06)
    assert made.taught == (8, 8 * ROWS)
    store.close()
