"""The first page: every model, the one that needs a person first at the top."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.context import Context
from watchkeeper.api.models import ModelView, models
from watchkeeper.api.so_far import Listed, performance_so_far
from watchkeeper.console.rendering import respond
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.metrics import MAIN, Metric
from watchkeeper.report.words import count


def overview(context: Context, request: Request) -> Response:
    """All models, or how to register the first."""
    found = models(context)
    if not found:
        return respond(context, request, "welcome.html", nav="models")
    return respond(
        context,
        request,
        "overview.html",
        nav="models",
        models=found,
        headline=headline(found),
        verdict=found[0].state,
        performance=_performance(context, found),
        main=MAIN,
    )


def _performance(context: Context, found: list[ModelView]) -> dict[str, Metric]:
    live = [Listed(view.name, view.version, view.task) for view in found if view.version is not None]
    return performance_so_far(context, live)


def headline(found: list[ModelView]) -> str:
    """What to do about all of them, in one sentence."""
    alarms = [view.name for view in found if view.state is Verdict.ALARM]
    warns = [view.name for view in found if view.state is Verdict.WARN]
    if alarms and len(found) == 1:
        return f"{alarms[0]} needs you now."
    if alarms:
        return f"{_listed(alarms)} {'needs' if len(alarms) == 1 else 'need'} you now. Start at the top."
    if warns:
        return f"Nothing pages. {_listed(warns)} moved: look when you have time."
    if all(view.state is Verdict.OK for view in found):
        return "All is well. Nothing to do."
    return "Nothing is wrong that could be seen. Some models have too little data to judge yet."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {count(len(names) - 3)} more" if len(names) > 3 else "")
