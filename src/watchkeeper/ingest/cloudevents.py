"""CloudEvents that carry feedback, brought into the form of a feedback body.

Modes of the HTTP binding (https://github.com/cloudevents/spec, version 1.0): binary (`ce-…` headers, the data as body),
structured (`application/cloudevents+json`) and batched (`application/cloudevents-batch+json`).

type                                     data
`io.watchkeeper.feedback`                a feedback body as in `feedback_body`
`io.seldon.serving.feedback`             Seldon's Feedback: `truth` (one label a row) and `reward`; the prediction is
                                         named by the `requestid` attribute, else by the event's id

An event is the same event if type, source and id are the same; the IDs of its feedback follow from these, so an event
that is delivered again counts once. A request ID that is one of our prediction IDs is taken as such.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.events.ids import minted_at
from watchkeeper.ingest.sender import Headers

OWN, SELDON = "io.watchkeeper.feedback", "io.seldon.serving.feedback"
STRUCTURED, BATCHED = "application/cloudevents+json", "application/cloudevents-batch+json"
_PREFIX = "ce-"
_HINT = f"Types that are read here are {OWN} and {SELDON}."


class _Event(msgspec.Struct):
    id: str
    source: str
    type: str
    time: str | None = None
    requestid: str | None = None
    data: Any = None
    data_base64: str | None = None


def feedback_body(headers: Headers, body: bytes) -> bytes:
    """`body` as a feedback body: itself, unless the headers say that it is a CloudEvent. Raises BadInput."""
    said = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    kind = said.get("content-type", "").partition(";")[0].strip().lower()
    if kind == BATCHED:
        return _joined(_decode(list[_Event], body))
    if kind == STRUCTURED:
        return _joined([_decode(_Event, body)])
    if _PREFIX + "type" not in said:
        return body
    attributes = {name.removeprefix(_PREFIX): value for name, value in said.items() if name.startswith(_PREFIX)}
    return _joined([_convert({**attributes, "data": _decode(Any, body)})])


def _joined(events: list[_Event]) -> bytes:
    return msgspec.json.encode({"feedback": [item for event in map(_with_data, events) for item in _items(event)]})


def _with_data(event: _Event) -> _Event:
    """`event` with its JSON data, where they were sent as base64."""
    if event.data_base64 is None:
        return event
    try:
        data = msgspec.json.decode(base64.b64decode(event.data_base64, validate=True))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"data_base64 of CloudEvent {event.id[:80]!r} is no JSON: {error}.", hint=_HINT) from error
    return msgspec.structs.replace(event, data=data, data_base64=None)


def _items(event: _Event) -> list[dict[str, Any]]:
    if event.type == SELDON:
        items = _seldon(event)
    elif event.type == OWN and isinstance(event.data, dict):
        items = _listed(event, event.data.get("feedback", [event.data]))
    elif event.type == OWN:
        raise BadInput(f"The data of CloudEvent {event.id[:80]!r} are no JSON object.", hint=_HINT)
    else:
        raise BadInput(f"CloudEvents of type {event.type[:80]!r} are no feedback.", hint=_HINT)
    if not items:
        raise BadInput(f"CloudEvent {event.id[:80]!r} holds no feedback.", hint=_HINT)
    for place, item in enumerate(items):
        item.setdefault("feedback_id", _identity(event, place))
        item.setdefault("source", event.source[:200])
        if event.time is not None:
            item.setdefault("event_time", event.time)
    return items


def _listed(event: _Event, items: object) -> list[dict[str, Any]]:
    """Every item, of its own: none is left out silently."""
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadInput(f"The feedback of CloudEvent {event.id[:80]!r} is no list of objects.", hint=_HINT)
    return [dict(item) for item in items]


def _seldon(event: _Event) -> list[dict[str, Any]]:
    """Labels of every row of `truth`, and the reward for each row."""
    if not isinstance(event.data, dict):
        raise BadInput("Seldon feedback is a JSON object.", hint=_HINT)
    whose = _named(event.requestid or event.id)
    truth = _rows(event.data.get("truth"))
    items: list[dict[str, Any]] = []
    if truth:
        items.append({**whose, "labels": truth})
    reward = event.data.get("reward")
    if reward is not None:
        rows = max(len(truth), len(_rows(event.data.get("response"))), 1)
        items.append({**whose, "labels": [reward] * rows, "kind": "reward"})
    return items


def _named(name: str) -> dict[str, Any]:
    return {"prediction_id": name} if minted_at(name) is not None else {"request_id": name}


def _rows(message: object) -> list[Any]:
    """The first value of each row of a SeldonMessage's data."""
    data = message.get("data") if isinstance(message, dict) else None
    if not isinstance(data, dict):
        return []
    rows = data.get("ndarray")
    tensor = data.get("tensor")
    if rows is None and isinstance(tensor, dict):
        rows = _shaped(tensor.get("values"), tensor.get("shape"))
    if not isinstance(rows, list):
        return []
    return [_label(row) for row in rows]


def _label(row: object) -> Any:
    """The value of a row: itself, its only entry, or the place of the 1 in a one-hot list."""
    if not isinstance(row, list):
        return row
    if len(row) == 1:
        return row[0]
    return row.index(1) if row.count(1) == 1 and row.count(0) == len(row) - 1 else row


def _shaped(values: object, shape: object) -> list[Any]:
    """The rows of a tensor. Raises BadInput where its shape does not fit its values."""
    rows = shape[0] if isinstance(shape, list) and shape else None
    if not isinstance(values, list) or not isinstance(rows, int) or rows < 1 or len(values) % rows:
        raise BadInput("The tensor of Seldon feedback does not have the shape that it says.", hint=_HINT)
    width = len(values) // rows
    return [values[first : first + width] for first in range(0, len(values), max(width, 1))]


def _identity(event: _Event, place: int) -> str:
    parts = msgspec.json.encode([event.type, event.source, event.id, place])
    return hashlib.sha256(parts).hexdigest()[:32]


def _decode(kind: Any, body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"The CloudEvent cannot be read: {error}.", hint=_HINT) from error


def _convert(attributes: dict[str, Any]) -> _Event:
    try:
        return msgspec.convert(attributes, _Event)
    except msgspec.ValidationError as error:
        raise BadInput(f"The CloudEvent cannot be read: {error}.", hint=_HINT) from error
