"""The queue of predictions that people are asked to label: one card each, answered with one button.

What the team's own rater labels stands behind what is left to people; how that rater fares, and what all of it costs,
stands beside the queue.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watchkeeper.api.context import Context
from watchkeeper.api.label_requests import answer, label_requests, skip
from watchkeeper.api.models import model
from watchkeeper.console.rendering import respond, segment
from watchkeeper.events.errors import WatchkeeperError

MAX_FORM = 4096
SHOWN = 20
MOST_BUTTONS = 12


def labels_page(context: Context, request: Request) -> Response:
    """The requests that wait, those for people ahead, then the one due first."""
    return _page(context, request, request.query_params.get("said", ""))


def _page(context: Context, request: Request, said: str, fault: str = "") -> Response:
    name = request.path_params["model"]
    view = model(context, name)
    return respond(
        context,
        request,
        "labels.html",
        nav="models",
        status=400 if fault else 200,
        model=view,
        queue=label_requests(context, name, limit=SHOWN) if view.version else None,
        most_buttons=MOST_BUTTONS,
        said=said if said in ("answered", "skipped") else "",
        fault=fault,
    )


async def answer_request(context: Context, request: Request) -> Response:
    """Keep what a person said, or that nobody can say; then the next one."""
    body = await request.body()
    given = {key: values[0] for key, values in parse_qs(body[:MAX_FORM].decode("utf-8", "replace")).items()}
    return await run_in_threadpool(_answered, context, request, given)


def _answered(context: Context, request: Request, given: dict[str, str]) -> Response:
    name, prediction = request.path_params["model"], request.path_params["prediction_id"]
    value = given.get("value", "").strip()[:1000]
    try:
        if "skip" in given:
            skip(context, name, prediction)
        elif value:
            answer(context, name, prediction, value)
        else:
            return _page(context, request, "", "Say what was true, or skip it.")
    except WatchkeeperError as error:
        return _page(context, request, "", str(error))
    said = "skipped" if "skip" in given else "answered"
    return RedirectResponse(f"/models/{segment(name)}/labels?said={said}", status_code=303)
