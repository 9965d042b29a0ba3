"""A model's versions, and two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import alerts
from watchkeeper.api.context import Context
from watchkeeper.api.models import VersionView, model, versions
from watchkeeper.api.performance import MOST_WINDOWS, performance
from watchkeeper.api.span import newest_event
from watchkeeper.api.version_comparison import SAME_ROWS, VersionsView, compare_versions
from watchkeeper.console.rendering import respond
from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.monitors.against import other_version
from watchkeeper.monitors.against_reference import REFERENCE
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import MAIN
from watchkeeper.report.metric_names import metric_name
from watchkeeper.report.words import count, number, probability

SPANS = (30, 90, MOST_WINDOWS)
MOST_LISTED = 30


@dataclass(frozen=True)
class Listed:
    """A version with how well it did in the last windows that it served; `main` is None before its first label."""

    version: VersionView
    labels: int
    main: Metric | None


def versions_page(context: Context, request: Request) -> Response:
    """The page of the model in the path."""
    name = request.path_params["model"]
    view, known = model(context, name), versions(context, name)
    given = request.query_params
    windows = int(given["windows"]) if given.get("windows") in {str(span) for span in SPANS} else SPANS[1]
    asked = {"a": given.get("a", ""), "b": given.get("b", ""), "feature": given.get("feature", "")}
    if len(known) > 1 and not (asked["a"] and asked["b"]):
        asked |= _default(known)
    found, fault = _compared(context, name, asked, windows)
    return respond(
        context,
        request,
        "versions.html",
        nav="models",
        model=view,
        listed=[_listed(context, one) for one in known[:MOST_LISTED]],
        more=max(0, len(known) - MOST_LISTED),
        main_metric=MAIN[view.task],
        asked=asked,
        windows=windows,
        spans=SPANS,
        found=found,
        fault=fault,
        **_against(context, name),
        verdict=verdict(found) if found else "",
        paired=found is not None and found.basis == SAME_ROWS,
        features=[one.name for one in context.version(name).schema.features] if known else [],
    )


def _default(known: list[VersionView]) -> dict[str, str]:
    """The live version, and beside it the newest other one that served."""
    live = next((one for one in known if one.live), known[0])
    others = sorted((one for one in known if one is not live), key=lambda one: (one.rows > 0, one.created_at))
    return {"a": others[-1].version, "b": live.version}


def _against(context: Context, name: str) -> dict[str, Any]:
    """Alerts on a version against the one before it: those that fire, and those that are over."""
    told = [alert for alert in alerts(context, name) if any(_of_versions(column) for column in alert.columns)]
    return {
        "worse": [alert for alert in told if alert.state is State.FIRING],
        "over": [alert for alert in told if alert.state is State.RESOLVED],
    }


def _of_versions(column: str) -> bool:
    return other_version(column) not in ("", REFERENCE)


def _listed(context: Context, version: VersionView) -> Listed:
    """Performance over the newest windows in which the version has labels."""
    routes = [last for name, _, _, last in context.store.performance.routes(version.model) if name == version.version]
    if not routes:
        return Listed(version, 0, None)
    width = context.store.versions.model(version.model).settings.window_seconds
    end = max(routes) // width * width + width
    found = performance(
        context, version.model, version=version.version, start=str(max(0, end - SPANS[0] * width)), end=str(end)
    )
    return Listed(version, sum(window.maturity.labels for window in found.windows), found.total.get(found.main))


def _compared(context: Context, name: str, asked: dict[str, str], windows: int) -> tuple[VersionsView | None, str]:
    if not (asked["a"] and asked["b"]):
        return None, ""
    width = context.store.versions.model(name).settings.window_seconds
    try:
        end = newest_event(context, context.version(name, asked["b"])) // width * width + width
        start = max(0.0, end - windows * width)
        return compare_versions(
            context, name, asked["a"], asked["b"], start=str(start), end=str(end), feature=asked["feature"] or None
        ), ""
    except WatchkeeperError as error:
        return None, str(error)


def verdict(found: VersionsView) -> str:
    """Which version is better, or that it cannot be told."""
    difference = found.differences.get(found.main)
    if difference is None or difference.value is None:
        return found.note if not found.differences else f"Which one is better cannot be told: {difference_note(found)}."
    size = f"{number(abs(difference.value))} in {metric_name(found.main)}"
    if found.better is None:
        return f"No difference can be told between {found.a} and {found.b}: {size}, with 0 inside the interval."
    other = found.a if found.better == found.b else found.b
    ends = sorted(abs(end) for end in (difference.low, difference.high) if end is not None)
    sure = " to ".join(number(end) for end in ends)
    tested = "" if found.p_value is None else f"; p of equal errors {probability(found.p_value)}"
    return f"{found.better} is better than {other}: {size} ({sure}), on {count(found.rows)} labelled rows{tested}."


def difference_note(found: VersionsView) -> str:
    """Why the main metric has no difference."""
    difference = found.differences.get(found.main)
    return (difference.note if difference else "") or "too few labels"
