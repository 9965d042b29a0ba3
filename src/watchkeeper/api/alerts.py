"""Alerts: what broke, since when, how big, what to do; and that somebody has seen it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Path, Query

from watchkeeper.alerts.alert import Alert, Size
from watchkeeper.alerts.cause import Cause, Severity, cause_of
from watchkeeper.alerts.table import State
from watchkeeper.api.acknowledgements import Acknowledgement, acknowledge, acknowledged
from watchkeeper.api.alert_line import AlertLine, alert_line
from watchkeeper.api.context import Context, Given
from watchkeeper.api.evidence import WindowView, window_view
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.names import ITSELF
from watchkeeper.store.alerts import Transition
from watchkeeper.store.outbox import Delivery
from watchkeeper.store.verdicts import StoredVerdict

OfModel = Annotated[
    str | None, Query(description="Alerts of this model only; `watchkeeper` for its own processes.", max_length=64)
]
InState = Annotated[State | None, Query(description="Alerts in this state only.")]
Limit = Annotated[int, Query(description="At most so many.", ge=1, le=1000)]
AlertId = Annotated[str, Path(max_length=64)]
Note = Annotated[str, Query(description="What whoever acknowledges wants to say.", max_length=500)]
EVIDENCE = 8
MAX_WINDOWS = 400


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """One cause in one version of a model, followed over time. Times are Unix seconds of event time.

    An alert on Watchkeeper itself has the model `watchkeeper`, one of its processes as the version, and times of the
    clock. `size` is its latest size and `worst` its largest, each with interval, floor and the rows on either side.
    `consequences` are outputs that changed with a broken input, which explains them.
    """

    id: str
    fingerprint: str
    model: str
    version: str
    cause: Cause
    severity: Severity
    statement: Statement | None
    state: State
    features: tuple[str, ...]
    columns: tuple[str, ...]
    consequences: tuple[str, ...]
    title: str
    summary: str
    next_step: str
    onset: int
    detected: int | None
    updated: int
    ended: int | None
    size: Size | None
    worst: Size | None
    revised: bool
    acknowledged: Acknowledgement | None


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """A message about an alert and where it stands; `target` without its query. `created_at` is Unix seconds."""

    target: str
    state: Delivery
    tries: int
    created_at: float
    last_error: str


class AlertStory(msgspec.Struct, frozen=True, kw_only=True):
    """An alert with its evidence, its history, who was told, what fires beside it, and its earlier episodes.

    `window` is the last one in which its cause alarmed, and what the evidence is from; null once that has expired.
    """

    alert: AlertView
    window: WindowView | None
    evidence: tuple[Finding, ...]
    history: tuple[Transition, ...]
    notifications: tuple[Notification, ...]
    beside: tuple[AlertLine, ...]
    before: tuple[AlertLine, ...]


def alerts(context: Given, model: OfModel = None, state: InState = None, limit: Limit = 200) -> list[AlertView]:
    """Alerts that fire or fired, newest onset first. Causes that are only pending are left out unless asked for."""
    if model is not None and model != ITSELF:
        context.store.versions.model(model)
    states = [state] if state else [State.FIRING, State.NO_DATA, State.RESOLVED]
    found = context.store.alerts.find(model=model, states=states, limit=limit)
    seen = acknowledged(context.store, [alert.id for alert in found])
    return [alert_view(alert, seen.get(alert.id)) for alert in found]


def alert(context: Given, alert_id: AlertId) -> AlertStory:
    """One alert's whole story."""
    found = context.store.alerts.get(alert_id)
    same = context.store.alerts.find(model=found.model)
    window = _last_alarm(context, found)
    return AlertStory(
        alert=alert_view(found, acknowledged(context.store, [found.id]).get(found.id)),
        window=window_view(window) if window else None,
        evidence=_evidence(window, found.columns) if window else (),
        history=tuple(context.store.alerts.transitions(found.id)),
        notifications=_notifications(context, found),
        beside=tuple(alert_line(other) for other in same if _beside(found, other)),
        before=tuple(
            alert_line(other) for other in same if other.fingerprint == found.fingerprint and other.onset < found.onset
        ),
    )


def acknowledge_alert(context: Given, alert_id: AlertId, note: Note = "") -> AlertView:
    """Say that somebody has seen the alert and is on it. Only an open alert can be acknowledged."""
    found = context.store.alerts.get(alert_id)
    if not found.state.is_open:
        raise BadInput(f"This alert is {found.state}; there is nothing to acknowledge.")
    return alert_view(found, acknowledge(context.store, found, context.now(), note.strip()))


def alert_view(alert: Alert, seen: Acknowledgement | None) -> AlertView:
    """An alert without its inner state."""
    fields = {name: getattr(alert, name) for name in AlertView.__struct_fields__ if name != "acknowledged"}
    return AlertView(**fields, acknowledged=seen)


def _last_alarm(context: Context, alert: Alert) -> StoredVerdict | None:
    """The newest window in which the alert's own cause alarmed; the quiet windows that cleared it came later."""
    windows = context.store.verdicts.history(
        alert.model, alert.version, start=alert.onset, end=alert.updated, limit=MAX_WINDOWS
    )
    return next((window for window in reversed(windows) if _speaks(window, alert)), None)


def _speaks(window: StoredVerdict, alert: Alert) -> bool:
    return any(finding.column in alert.columns and cause_of(finding) is alert.cause for finding in window.body.alarms)


def _evidence(window: StoredVerdict, columns: tuple[str, ...]) -> tuple[Finding, ...]:
    """All that alarmed on the columns in the window, strongest first."""
    alarms = [finding for finding in window.body.alarms if finding.column in columns]
    return tuple(sorted(alarms, key=lambda finding: -(finding.distance or 0.0))[:EVIDENCE])


def _notifications(context: Context, alert: Alert) -> tuple[Notification, ...]:
    return tuple(
        Notification(
            target=message.target.partition("?")[0],
            state=message.state,
            tries=message.tries,
            created_at=message.created_at,
            last_error=message.last_error,
        )
        for message in context.store.outbox.find(alert_id=alert.id)
    )


def _beside(alert: Alert, other: Alert) -> bool:
    """Whether the other alert of the model was open at the same time."""
    told = other.state in (State.FIRING, State.NO_DATA, State.RESOLVED)
    return (
        told
        and other.id != alert.id
        and other.onset < (alert.ended or alert.updated)
        and alert.onset < (other.ended or other.updated)
    )
