"""A span of event time, as a caller asks for it: ISO 8601, Unix seconds, or left out."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from fastapi import Query

from watchkeeper.api.context import Context
from watchkeeper.events.errors import BadInput
from watchkeeper.store.versions import Version

Start = Annotated[str | None, Query(description="From this event time on: ISO 8601, or Unix seconds.", max_length=40)]
End = Annotated[str | None, Query(description="Before this event time: ISO 8601, or Unix seconds.", max_length=40)]
Named = Annotated[str | None, Query(description="A version; the live one if left out.", max_length=64)]
DEFAULT_WINDOWS = 30
_LATEST = 253402300800  # the year 10000


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Event time [start, end) in whole Unix seconds."""

    start: int
    end: int


def moment(text: str | None, name: str) -> float | None:
    """Unix seconds of `text`; None if there is none. Raises BadInput naming the parameter."""
    if text is None or not text.strip():
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _iso(text.strip(), name)
    if not math.isfinite(seconds) or not 0 <= seconds < _LATEST:
        raise BadInput(f"{name}={text[:40]!r} is not a time between 1970 and 9999.")
    return seconds


def _iso(text: str, name: str) -> float:
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{name}={text[:40]!r} is not a time.", hint="Use ISO 8601 (2013-04-01T05:30:00Z) or Unix seconds."
        ) from None
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()


def span(context: Context, version: Version, start: str | None, end: str | None) -> Span:
    """The span asked for; what is left out is the last thirty windows up to the newest event."""
    width = context.store.versions.model(version.model).settings.window_seconds
    last = moment(end, "end")
    if last is None:
        last = newest_event(context, version) // width * width + width
    first = moment(start, "start")
    if first is None:
        first = max(0, last - DEFAULT_WINDOWS * width)
    if first >= last:
        raise BadInput("start must be before end.")
    return Span(start=math.floor(first), end=math.ceil(last))


def newest_event(context: Context, version: Version) -> float:
    """Event time of the model's newest row; the clock's time before the first."""
    stream = context.store.windows.streams().get(version.model)
    return context.now() if stream is None else stream.newest_event
