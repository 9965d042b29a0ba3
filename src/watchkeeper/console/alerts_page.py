"""Alerts: the list, one alert's story, and the button that says somebody is on it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchkeeper.alerts.cause import OF_LABELS, Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import AlertStory, AlertView, acknowledge_alert, alert, alerts
from watchkeeper.api.context import Context
from watchkeeper.api.distributions import DistributionView, distribution
from watchkeeper.console.performance_words import segment_feature
from watchkeeper.console.rendering import query, respond, segment
from watchkeeper.events.errors import NotFound, WatchkeeperError
from watchkeeper.events.names import ITSELF
from watchkeeper.report.distribution_figure import distribution_figure
from watchkeeper.report.page import Drawn, drawn

MAX_FORM = 4096
FILTERS = {
    Cause.MISSING: {"flag": "missing"},
    Cause.UNSEEN: {"flag": "unseen"},
    Cause.OUT_OF_RANGE: {"flag": "out_of_range"},
    Cause.WRONG_TYPE: {"flag": "wrong_type"},
    Cause.ERRORS: {"failed": "yes"},
}
"""What picks out the records that an alert is about, where a filter can."""


@dataclass(frozen=True)
class Picture:
    """One column of an alert in the last window in which the alert's cause alarmed."""

    view: DistributionView
    figure: Drawn


def alerts_page(context: Context, request: Request) -> Response:
    """All alerts that fire or fired; those that fire first, of them those that page."""
    asked = request.query_params.get("state", "")
    state = State(asked) if asked in {s.value for s in State} else None
    name = request.query_params.get("model") or None
    found = alerts(context, name, state)
    firing = [view for view in found if view.state is State.FIRING]
    return respond(
        context,
        request,
        "alerts.html",
        nav="alerts",
        alerts=sorted(found, key=_later),
        open_alerts=firing,
        unseen=[view for view in firing if view.acknowledged is None],
        models=[*(model.name for model in context.store.versions.models()), ITSELF],
        asked_state=asked,
        asked_model=name or "",
        states=(State.FIRING, State.NO_DATA, State.RESOLVED, State.PENDING),
    )


def _later(view: AlertView) -> int:
    """What pages now comes before what fires, and that before all else."""
    if view.state is not State.FIRING:
        return 2
    return 0 if view.severity is Severity.PAGE else 1


def alert_page(context: Context, request: Request) -> Response:
    """One alert. Watchkeeper's own have no model behind them, only its health."""
    story = alert(context, request.path_params["alert_id"])
    known = story.alert.model != ITSELF
    return respond(
        context,
        request,
        "alert.html",
        nav="alerts",
        story=story,
        alert=story.alert,
        pictures=_pictures(context, story) if known else [],
        known=known,
        filters=FILTERS.get(story.alert.cause, {}),
        performance=_performance(context, story.alert) if known and story.alert.cause in OF_LABELS else None,
    )


def _performance(context: Context, view: AlertView) -> str:
    """The address of the performance that the alert is about; of its segments, where it is about one."""
    features = [one.name for one in context.version(view.model, view.version).schema.features]
    feature = segment_feature(view, features)
    address = f"/models/{segment(view.model)}/performance{query(version=view.version, feature=feature)}"
    return f"{address}#segments" if feature else address


async def acknowledge(context: Context, request: Request) -> Response:
    """Write it down and show the alert again."""
    body = await request.body()
    note = parse_qs(body[:MAX_FORM].decode("utf-8", "replace")).get("note", [""])[0]
    view = await run_in_threadpool(acknowledge_alert, context, request.path_params["alert_id"], note[:500])
    return RedirectResponse(f"/alerts/{view.id}", status_code=303)


def _pictures(context: Context, story: AlertStory) -> list[Picture]:
    """The first three columns, in the last window in which they alarmed; in the first if that has expired."""
    pictures = [_picture(context, story, column) for column in story.alert.columns[:3]]
    return [picture for picture in pictures if picture is not None]


def _picture(context: Context, story: AlertStory, column: str) -> Picture | None:
    view = story.alert
    width = context.store.versions.model(view.model).settings.window_seconds
    start, end = (story.window.start, story.window.end) if story.window else (view.onset, view.onset + width)
    try:
        found = distribution(context, view.model, column, version=view.version, start=str(start), end=str(end))
    except (NotFound, WatchkeeperError):
        return None
    if found.shape is None or not found.rows:
        return None
    return Picture(found, drawn(distribution_figure(found.shape)))
