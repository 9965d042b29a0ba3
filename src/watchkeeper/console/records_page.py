"""Records by filter, and one record's whole story."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.context import Context
from watchkeeper.api.models import model, versions
from watchkeeper.api.records import FLAGS, RecordsView, record, records
from watchkeeper.console.rendering import respond
from watchkeeper.events.errors import BadInput, WatchkeeperError

FILTERS = ("start", "end", "version", "prediction_id", "flag", "failed", "minimum", "maximum", "cursor")


def records_page(context: Context, request: Request) -> Response:
    """The browser of one model's records. A filter that makes no sense is shown as it was typed, with what is wrong."""
    name = request.path_params["model"]
    view = model(context, name)
    asked = {key: request.query_params.get(key, "").strip() for key in FILTERS}
    fault = ""
    try:
        found = _found(context, name, asked)
    except WatchkeeperError as error:
        found, fault = RecordsView(records=(), cursor=None, unreadable=()), str(error)
    return respond(
        context,
        request,
        "records.html",
        nav="models",
        model=view,
        versions=versions(context, name),
        asked=asked,
        page=found,
        flags=tuple(FLAGS),
        fault=fault,
        outputs=context.version(name).schema.outputs if view.version else (),
    )


def _found(context: Context, name: str, asked: dict[str, str]) -> RecordsView:
    return records(
        context,
        name,
        version=asked["version"] or None,
        start=asked["start"] or None,
        end=asked["end"] or None,
        prediction_id=asked["prediction_id"] or None,
        flag=asked["flag"] or None,
        failed={"yes": True, "no": False}.get(asked["failed"]),
        minimum=_number(asked["minimum"], "minimum"),
        maximum=_number(asked["maximum"], "maximum"),
        cursor=asked["cursor"] or None,
    )


def _number(text: str, name: str) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadInput(f"{name}={text[:40]!r} is not a number.") from None


def record_page(context: Context, request: Request) -> Response:
    """One record."""
    name = request.path_params["model"]
    story = record(context, name, request.path_params["prediction_id"])
    schema = context.store.versions.version(name, story.record.version).schema
    return respond(
        context, request, "record.html", nav="models", model=model(context, name), story=story, schema=schema
    )
