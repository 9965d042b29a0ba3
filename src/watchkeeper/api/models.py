"""Models: what each one is, how it stands, and what to do about it now."""

from __future__ import annotations

import msgspec

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Severity
from watchkeeper.alerts.table import State
from watchkeeper.api.alert_line import AlertLine, alert_line
from watchkeeper.api.context import Context, Given
from watchkeeper.api.evidence import WindowView, history, window_view
from watchkeeper.events.errors import NotFound
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.words import count, moment
from watchkeeper.store.versions import Model, Version

TREND = 30


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
    """One version of a model. Digests are sha256 in hexadecimal."""

    model: str
    version: str
    live: bool
    task: str
    runtime: str
    artifact_digest: str
    reference_digest: str
    features: int
    created_at: float
    rows: int


def models(context: Given) -> list[ModelView]:
    """Every model, the one that needs a person first at the top."""
    views = [_view(context, model) for model in context.store.versions.models()]
    return sorted(views, key=lambda view: (-_urgency(view), view.name))


def model(context: Given, model: str) -> ModelView:
    """One model."""
    return _view(context, context.store.versions.model(model))


def versions(context: Given, model: str) -> list[VersionView]:
    """A model's versions, newest first."""
    live = _live(context, model)
    rows = _rows(context, model)
    found = context.store.versions.versions(model)
    return [_version_view(version, live, rows) for version in reversed(found)]


def version(context: Given, model: str, version: str) -> VersionView:
    """One version."""
    found = context.store.versions.version(model, version)
    return _version_view(found, _live(context, model), _rows(context, model))


def _version_view(version: Version, live: Version | None, rows: dict[str, int]) -> VersionView:
    return VersionView(
        model=version.model,
        version=version.version,
        live=live is not None and live.version == version.version,
        task=version.task,
        runtime=version.runtime,
        artifact_digest=version.artifact_digest,
        reference_digest=version.reference_digest,
        features=len(version.schema.features),
        created_at=version.created_at,
        rows=rows.get(version.version, 0),
    )


def _live(context: Context, model: str) -> Version | None:
    try:
        return context.version(model)
    except NotFound:
        context.store.versions.model(model)
        return None


def _rows(context: Context, model: str) -> dict[str, int]:
    rows: dict[str, int] = {}
    for source, _, number in context.store.tallies.totals(model):
        rows[source.version] = rows.get(source.version, 0) + number
    return rows


def _view(context: Context, model: Model) -> ModelView:
    live = _live(context, model.name)
    windows = history(context, live, limit=TREND) if live else []
    last = window_view(windows[-1]) if windows else None
    firing = context.store.alerts.find(model=model.name, states=[State.FIRING])
    newest = _gravest(firing) if firing else next(iter(_told(context, model.name)), None)
    stream = context.store.windows.streams().get(model.name)
    newest_event = stream.newest_event if stream else None
    rows = sum(_rows(context, model.name).values())
    return ModelView(
        name=model.name,
        task=model.task,
        created_at=model.created_at,
        version=live.version if live else None,
        versions=len(context.store.versions.versions(model.name)),
        state=_state(firing, last),
        now=_now(model, firing, last, rows, newest_event) if live else "Register a version: it has none yet.",
        rows=rows,
        newest_event=newest_event,
        last_window=last,
        window_seconds=model.settings.window_seconds,
        traffic=tuple(window.n for window in windows),
        firing=len(firing),
        alert=alert_line(newest) if newest else None,
    )


def _told(context: Context, model: str) -> list[Alert]:
    return context.store.alerts.find(model=model, states=[State.NO_DATA, State.RESOLVED], limit=1)


def _state(firing: list[Alert], last: WindowView | None) -> Verdict:
    if firing:
        return Verdict.ALARM if any(alert.severity is Severity.PAGE for alert in firing) else Verdict.WARN
    if last is None:
        return Verdict.NOT_ENOUGH_DATA
    return Verdict.WARN if last.verdict is Verdict.ALARM else last.verdict


def _gravest(firing: list[Alert]) -> Alert:
    """The alert to look at first: one that pages, the newest of those."""
    return max(firing, key=lambda alert: (alert.severity is Severity.PAGE, alert.onset))


def _now(model: Model, firing: list[Alert], last: WindowView | None, rows: int, newest: float | None) -> str:
    """What to do about a model that has a version, in one sentence."""
    if firing:
        gravest = _gravest(firing)
        more = f" ({len(firing) - 1} more firing)" if len(firing) > 1 else ""
        return f"{gravest.summary or gravest.title}{more}"
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
