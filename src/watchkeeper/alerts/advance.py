"""One judged window in; changed alerts and notices out.

`advance` is a pure function of the alerts as they were, the window and the policy. Judging a window again (late rows
revised it, or a crash made the worker repeat itself) replaces what that window had said, and tells nobody twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from watchkeeper.alerts.advice import next_step
from watchkeeper.alerts.alert import EVERYTHING, Alert, Size, alert_id, fingerprint
from watchkeeper.alerts.cause import CAUSES, Cause
from watchkeeper.alerts.course import Course, Signal, Track
from watchkeeper.alerts.grouping import Key, Sign, group
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.alerts.table import State
from watchkeeper.alerts.wording import summary, title
from watchkeeper.detectors.finding import Finding


class NoticeKind(StrEnum):
    """What a person is told."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell, once. `id` is the same on every replay, so it serves as the idempotency key."""

    id: str
    kind: NoticeKind
    alert: Alert


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A window of one version and what the monitors found in it. Start and end in Unix seconds of event time."""

    model: str
    version: str
    start: int
    end: int
    findings: tuple[Finding, ...]


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that changed (to be written over those with the same id), and what to tell."""

    alerts: tuple[Alert, ...] = ()
    notices: tuple[Notice, ...] = ()


def advance(alerts: Iterable[Alert], window: Judged, policy: AlertPolicy) -> Advance:
    """Weigh one window. `alerts` are the newest of each fingerprint of this version, resolved ones included."""
    known = {(alert.cause, alert.subject): alert for alert in sorted(alerts, key=lambda alert: alert.onset)}
    open_ = {key: _columns(alert) for key, alert in known.items() if _concerns(alert, window)}
    signs = group(window.findings, open_, policy.group_at)
    silent = {key: Sign(signal=Signal.SILENT) for key in open_ if key not in signs}
    changed = [_weigh(key, sign, known.get(key), window, policy) for key, sign in (signs | silent).items()]
    told = [_tell(alert) for alert in changed if alert is not None and alert != known.get((alert.cause, alert.subject))]
    return Advance(
        alerts=tuple(alert for alert, _ in told), notices=tuple(notice for _, notice in told if notice is not None)
    )


def _concerns(alert: Alert, window: Judged) -> bool:
    """Whether a window is weighed for an alert: while it is open, and when a window that it remembers is revised."""
    return alert.state.is_open or any(start == window.start for start, _ in alert.track.signals)


def _columns(alert: Alert) -> tuple[str, ...]:
    return alert.columns if alert.subject == EVERYTHING else (alert.subject,)


def _weigh(key: Key, sign: Sign, old: Alert | None, window: Judged, policy: AlertPolicy) -> Alert | None:
    """The alert after this window, or None where there is none yet."""
    cause, subject = key
    for_windows = policy.hard_for if CAUSES[cause].hard else policy.soft_for
    track = (old.track if old else Track()).remember(
        window.start, sign.signal, for_windows, policy.keep_firing, policy.memory
    )
    course = track.course(for_windows, policy.keep_firing)
    if course.onset is None and old is None:
        return None
    alert = old if old is not None and not _begins_anew(old, course) else _opened(cause, subject, course, window)
    return _updated(alert, course, track, sign, window)


def _begins_anew(old: Alert, course: Course) -> bool:
    """Whether the course is in a later episode than the alert's: that is a new alert, which may tell again."""
    return not old.state.is_open and course.onset is not None and course.onset > (old.ended_window or old.onset)


def _opened(cause: Cause, subject: str, course: Course, window: Judged) -> Alert:
    onset = course.onset if course.onset is not None else window.start
    identity = fingerprint(window.model, window.version, cause, subject)
    return Alert(
        id=alert_id(identity, onset),
        fingerprint=identity,
        model=window.model,
        version=window.version,
        cause=cause,
        subject=subject,
        severity=CAUSES[cause].severity,
        state=course.state,
        onset=onset,
        updated=window.end,
        next_step=next_step(cause, subject),
    )


def _updated(alert: Alert, course: Course, track: Track, sign: Sign, window: Judged) -> Alert:
    """The alert with this window's course and, where it alarms and is the newest, its size and words."""
    length = window.end - window.start
    was = dict(alert.track.signals).get(window.start, sign.signal)
    onset = alert.onset if course.onset is None else course.onset
    alert = msgspec.structs.replace(
        alert,
        state=course.state,
        onset=onset,
        detected=None if course.confirmed is None else course.confirmed + length,
        ended=None if course.ended is None else course.ended + length,
        ended_window=course.ended,
        updated=max(alert.updated, window.end),
        revised=alert.revised or was is not sign.signal or onset != alert.onset,
        track=track,
    )
    newest = window.start == track.signals[-1][0]
    return (
        _sized(alert, sign) if sign.signal is Signal.ALARM and sign.findings and (newest or not alert.title) else alert
    )


def _sized(alert: Alert, sign: Sign) -> Alert:
    strongest = sign.findings[0]
    columns = sign.columns if alert.subject == EVERYTHING else (alert.subject,)
    names = {finding.column: finding.feature for finding in reversed(sign.findings)}  # the strongest names its column
    features = tuple(sorted(names[column] for column in columns if column in names))
    size = _size(strongest)
    return msgspec.structs.replace(
        alert,
        columns=columns,
        features=features,
        consequences=sign.consequences,
        statement=strongest.statement,
        size=size,
        worst=_larger(alert.worst, size),
        title=title(alert.model, alert.version, alert.cause, alert.subject, features),
        summary=summary(alert.cause, alert.subject, features, strongest, sign.consequences),
    )


def _size(finding: Finding) -> Size:
    return Size(
        detector=finding.detector,
        effect=finding.effect,
        effect_name=finding.effect_name,
        effect_low=finding.effect_low,
        effect_high=finding.effect_high,
        floor=finding.floor,
        p_value=finding.p_value,
        n=finding.n,
        n_reference=finding.n_reference,
    )


def _larger(worst: Size | None, size: Size) -> Size:
    """The worst size of an alert; only effects of the same detector compare."""
    if worst is None or worst.detector != size.detector or worst.effect is None or size.effect is None:
        return worst or size
    return size if abs(size.effect) > abs(worst.effect) else worst


def _tell(alert: Alert) -> tuple[Alert, Notice | None]:
    """The alert and the notice that is due, if it was not given before."""
    kind = _due(alert)
    if kind is None or kind.value in alert.told:
        return alert, None
    alert = msgspec.structs.replace(alert, told=(*alert.told, kind.value))
    return alert, Notice(id=f"{alert.id}-{kind.value}", kind=kind, alert=alert)


def _due(alert: Alert) -> NoticeKind | None:
    if alert.state is State.FIRING:
        return NoticeKind.FIRING
    if NoticeKind.FIRING.value in alert.told and alert.state in (State.RESOLVED, State.INACTIVE):
        return NoticeKind.RESOLVED
    return None
