"""Models: what each one is, how it stands, and what to do about it now."""

from __future__ import annotations

import msgspec

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Severity
from watchkeeper.api.alert_line import AlertLine, alert_line
from watchkeeper.api.context import Given
from watchkeeper.api.evidence import WindowView
from watchkeeper.api.fleet import Standing, standings
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.words import count, moment
from watchkeeper.store.versions import Model, Version


class ModelView(msgspec.Struct, frozen=True, kw_only=True):
    """One model at a glance.

    `state` is `alarm` while an alert that pages fires, `warn` while a notice does, else the newest window's verdict.
    `now` says in a sentence what to do. `traffic` is rows a window over the last judged windows, oldest first. `rows`
    is all that was ever recorded; `newest_event` Unix seconds of event time.
    """

    name: str
    task: str
    created_at: float
    version: str | None
    versions: int
    state: Verdict
    now: str
    rows: int
    newest_event: float | None
    last_window: WindowView | None
    window_seconds: int
    traffic: tuple[int, ...]
    firing: int
    alert: AlertLine | None


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a model. Digests are sha256 in hexadecimal.

    `performance_digest` is of what was counted of the labelled reference, None where its truth was not given.
    """

    model: str
    version: str
    live: bool
    task: str
    runtime: str
    artifact_digest: str
    reference_digest: str
    performance_digest: str | None
    features: int
    created_at: float
    rows: int


def models(context: Given) -> list[ModelView]:
    """Every model, the one that needs a person first at the top."""
    found = context.store.versions.models()
    known = standings(context, [model.name for model in found])
    views = [_view(model, known[model.name]) for model in found]
    return sorted(views, key=lambda view: (-_urgency(view), view.name))


def model(context: Given, model: str) -> ModelView:
    """One model."""
    found = context.store.versions.model(model)
    return _view(found, standings(context, [model], model)[model])


def versions(context: Given, model: str) -> list[VersionView]:
    """A model's versions, newest first."""
    found = context.store.versions.versions(model)
    known = standings(context, [model], model)[model]
    return [_version_view(version, known) for version in reversed(found)]


def version(context: Given, model: str, version: str) -> VersionView:
    """One version."""
    found = context.store.versions.version(model, version)
    return _version_view(found, standings(context, [model], model)[model])


def _version_view(version: Version, known: Standing) -> VersionView:
    return VersionView(
        model=version.model,
        version=version.version,
        live=known.live == version.version,
        task=version.task,
        runtime=version.runtime,
        artifact_digest=version.artifact_digest,
        reference_digest=version.reference_digest,
        performance_digest=version.performance_digest,
        features=len(version.schema.features),
        created_at=version.created_at,
        rows=known.rows.get(version.version, 0),
    )


def _view(model: Model, known: Standing) -> ModelView:
    last = known.windows[-1] if known.windows else None
    alert = _gravest(known.firing) if known.firing else known.last
    return ModelView(
        name=model.name,
        task=model.task,
        created_at=model.created_at,
        version=known.live,
        versions=len(known.versions),
        state=_state(known.firing, last),
        now=_now(model, known, last) if known.live else "Register a version: it has none yet.",
        rows=sum(known.rows.values()),
        newest_event=known.newest_event,
        last_window=last,
        window_seconds=model.settings.window_seconds,
        traffic=tuple(window.n for window in known.windows),
        firing=len(known.firing),
        alert=alert_line(alert) if alert else None,
    )


def _state(firing: list[Alert], last: WindowView | None) -> Verdict:
    if firing:
        return Verdict.ALARM if any(alert.severity is Severity.PAGE for alert in firing) else Verdict.WARN
    if last is None:
        return Verdict.NOT_ENOUGH_DATA
    return Verdict.WARN if last.verdict is Verdict.ALARM else last.verdict


def _gravest(firing: list[Alert]) -> Alert:
    """The alert to look at first: one that pages, the newest of those."""
    return max(firing, key=lambda alert: (alert.severity is Severity.PAGE, alert.onset))


def _now(model: Model, known: Standing, last: WindowView | None) -> str:
    """What to do about a model that has a version, in one sentence."""
    if known.firing:
        gravest = _gravest(known.firing)
        more = f" ({len(known.firing) - 1} more firing)" if len(known.firing) > 1 else ""
        return f"{gravest.summary or gravest.title}{more}"
    rows, newest = sum(known.rows.values()), known.newest_event
    if not rows or newest is None:
        return "Send it a first prediction; everything else starts by itself."
    if last is None:
        width = model.settings.window_seconds
        closes = newest // width * width + width + model.settings.lateness_seconds
        return f"{count(rows)} rows recorded. The first verdict comes when event time passes {moment(closes)}."
    return _quiet_advice(last)


def _quiet_advice(last: WindowView) -> str:
    if last.verdict is Verdict.OK:
        return "Nothing to do."
    if last.verdict is Verdict.NOT_ENOUGH_DATA:
        return f"The last window held {count(last.n)} rows, too few to judge. Check that the callers still send."
    if last.verdict is Verdict.NOT_COMPUTABLE:
        return "The last window could not be judged: its findings say why."
    return "Something moved, not enough to alert. Look at the ranked features when you have time."


def _urgency(view: ModelView) -> int:
    order = (Verdict.OK, Verdict.NOT_COMPUTABLE, Verdict.NOT_ENOUGH_DATA, Verdict.WARN, Verdict.ALARM)
    return order.index(view.state)
