"""A pass weighs the alerts of its own causes, and leaves the others as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.watching import DAY, START, watched_store
from tests.unit.alerts.findings import broken, harm
from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.cause import OF_LABELS, Cause
from watchkeeper.alerts.course import Signal
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.store.store import Store
from watchkeeper.watch.telling import write_window

OF_DATA = frozenset(Cause) - OF_LABELS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    yield made
    made.close()


def write(store: Store, day: int, findings: tuple[Finding, ...], causes: frozenset[Cause]) -> None:
    start = START + day * DAY
    judged = Judged(model="flights", version="1", start=start, end=start + DAY, findings=findings)
    with store.begin():
        write_window(
            store, judged, causes, policy=AlertPolicy(), targets=("log", "mail"), now=float(start), reason="a test"
        )


def signals(store: Store, cause: Cause) -> list[Signal]:
    (alert,) = [alert for alert in store.alerts.newest("flights", "1") if alert.cause is cause]
    return [signal for _, signal in alert.track.signals]


def test_every_target_is_told_once(store: Store) -> None:
    for _ in range(2):
        write(store, 0, (harm(),), OF_LABELS)
    assert sorted(notice.target for notice in store.outbox.find()) == ["log", "mail"]


def test_the_silence_of_one_pass_is_not_that_of_another(store: Store) -> None:
    write(store, 0, (harm(),), OF_LABELS)
    write(store, 0, (broken("age"),), OF_DATA)
    write(store, 1, (broken("age", "."),), OF_DATA)
    assert signals(store, Cause.HARM) == [Signal.ALARM]
    write(store, 1, (), OF_LABELS)
    assert signals(store, Cause.HARM) == [Signal.ALARM, Signal.SILENT]
    assert signals(store, Cause.MISSING) == [Signal.ALARM, Signal.QUIET]


def test_what_is_estimated_takes_two_windows_to_tell(store: Store) -> None:
    for day, told in ((0, 0), (1, 2)):
        write(store, day, (harm(statement=Statement.ESTIMATED),), frozenset({Cause.HARM_ESTIMATED}))
        assert len(store.outbox.find()) == told
    (alert,) = store.alerts.find(states=[State.FIRING])
    assert (alert.cause, alert.severity.value) == (Cause.HARM_ESTIMATED, "notice")
