"""Alerts as they stand, and their changes of state."""

from __future__ import annotations

import msgspec
import pytest

from watchkeeper.alerts.alert import Alert, alert_id, fingerprint
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.events.errors import NotFound
from watchkeeper.store.store import Store


def alert(subject: str = "input.x", onset: int = 0, state: State = State.FIRING, model: str = "m") -> Alert:
    identity = fingerprint(model, "1", Cause.MISSING, subject)
    return Alert(
        id=alert_id(identity, onset),
        fingerprint=identity,
        model=model,
        version="1",
        cause=Cause.MISSING,
        subject=subject,
        severity=Severity.PAGE,
        state=state,
        onset=onset,
        updated=onset + 10,
        title="x went missing",
    )


def test_a_saved_alert_comes_back_and_its_changes_are_kept(store: Store) -> None:
    firing = alert()
    (move,) = store.alerts.save([firing], 5.0, "window 0 to 10")
    assert (move.from_state, move.to_state, move.reason) == (State.INACTIVE, State.FIRING, "window 0 to 10")
    assert store.alerts.get(firing.id) == firing
    assert store.alerts.save([msgspec.structs.replace(firing, updated=20)], 6.0) == []
    store.alerts.save([msgspec.structs.replace(firing, state=State.RESOLVED)], 7.0)
    assert [t.to_state for t in store.alerts.transitions(firing.id)] == [State.FIRING, State.RESOLVED]
    assert store.alerts.get(firing.id).state is State.RESOLVED
    assert store.alerts.save([], 8.0) == []


def test_the_newest_of_each_cause_is_what_goes_on(store: Store) -> None:
    old, new, other = alert(onset=0), alert(onset=100), alert("input.y")
    store.alerts.save([old, new, other], 1.0)
    assert {item.id for item in store.alerts.newest("m", "1")} == {new.id, other.id}
    assert store.alerts.newest("m", "2") == []


def test_alerts_are_found_by_model_and_state(store: Store) -> None:
    store.alerts.save([alert(onset=5), alert("input.y", 9, State.RESOLVED), alert(model="n")], 1.0)
    assert [item.onset for item in store.alerts.find(model="m")] == [9, 5]
    assert [item.model for item in store.alerts.find(states=[State.FIRING])] == ["m", "n"]
    assert len(store.alerts.find(limit=1)) == 1


def test_an_unknown_alert_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="no alert 'x'"):
        store.alerts.get("x")
