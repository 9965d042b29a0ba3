"""An alert survives the store, and its identities are stable."""

from __future__ import annotations

from watchkeeper.alerts.alert import Alert, Size, alert_id, fingerprint
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.course import Course, Signal, Track
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Statement


def test_round_trip() -> None:
    alert = Alert(
        id="a",
        fingerprint="f",
        model="m",
        version="1",
        cause=Cause.MISSING,
        subject="input.age",
        columns=("input.age",),
        features=("age",),
        statement=Statement.BROKEN,
        severity=Severity.PAGE,
        state=State.FIRING,
        onset=60,
        updated=120,
        size=Size(detector="d", effect=0.1, effect_name="share", n=10, n_reference=20),
        told=("firing",),
        track=Track(base=Course(state=State.PENDING, alarms=1, onset=0), signals=((60, Signal.ALARM),)),
    )
    assert Alert.from_json(alert.to_json()) == alert


def test_identities_are_stable_and_distinct() -> None:
    one = fingerprint("m", "1", Cause.MISSING, "input.age")
    assert one == fingerprint("m", "1", Cause.MISSING, "input.age")
    assert one != fingerprint("m", "2", Cause.MISSING, "input.age")
    assert alert_id(one, 60) != alert_id(one, 120)
    assert len(alert_id(one, 60)) == 16
