"""The body of a feedback request: read item by item, all or nothing.

    {"feedback": [{"prediction_id": "…", "label": 1, "event_time": "2013-06-01T12:00:00Z"}, …]}

`label` and `value` are two names for what came back: a number, a text or a boolean (kept as text, `true` or `false`).
`kind` is label (the default), correction, reward or decision. `feedback_id` makes a repeated request harmless; without
it, it is derived from prediction, kind, value and time, so that the same item sent again is the same feedback.
`event_time` is when the truth was known, the time of receipt by default.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, TypeVar

import msgspec

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.times import event_micros

MAX_ITEMS = 1000
T = TypeVar("T")
_SHOWN = 5
_HINT = 'Send {"feedback": [{"prediction_id": "…", "label": …}, …]}.'

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Value = float | bool | Annotated[str, msgspec.Meta(max_length=10_000)] | None


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prediction_id: _Id
    label: _Value = None
    value: _Value = None
    kind: FeedbackKind = FeedbackKind.LABEL
    event_time: float | str | None = None
    feedback_id: _Id | None = None
    source: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    feedback: list[msgspec.Raw]


class BadFeedback(BadInput):
    """Some items are wrong, so none was kept. `items` says for each wrong item (by its place from 0) what is wrong."""

    def __init__(self, items: dict[int, str], total: int) -> None:
        shown = "; ".join(f"item {place}: {fault}" for place, fault in list(items.items())[:_SHOWN])
        more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
        super().__init__(
            f"{len(items)} of {total} feedback items are wrong, so none was kept: {shown}{more}.", hint=_HINT
        )
        self.items = items


def parse_feedback(body: bytes, now_us: int) -> list[Feedback]:
    """The feedback in `body`, received at `now_us` (Unix microseconds).

    Raises TooLarge beyond 1,000 items, BadFeedback if any item is wrong, BadInput if the body is no such object.
    """
    items = _decode(_Body, body, "The body").feedback
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"{len(items)} feedback items in one request.", hint=f"Send at most {MAX_ITEMS} at a time.")
    found: list[Feedback] = []
    faults: dict[int, str] = {}
    for place, raw in enumerate(items):
        try:
            found.append(_feedback(_decode(_Item, raw, "it"), now_us))
        except BadInput as error:
            faults[place] = error.message.rstrip(".")
    if faults:
        raise BadFeedback(faults, len(items))
    return found


def _decode(kind: type[T], text: bytes | msgspec.Raw, what: str) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except RecursionError as error:
        raise BadInput(f"{what} is nested too deeply.", hint=_HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{what} is not valid: {error}.", hint=_HINT) from error


def _feedback(item: _Item, now_us: int) -> Feedback:
    value = item.label if item.label is not None else item.value
    if value is None or (item.label is not None and item.value is not None):
        raise BadInput("exactly one of label and value is needed")
    event_time = now_us if item.event_time is None else event_micros(item.event_time, "event_time")
    number = float(value) if isinstance(value, float | int) and not isinstance(value, bool) else None
    text = None if number is not None else str(value).lower() if isinstance(value, bool) else str(value)
    told = None if item.event_time is None else event_time
    return Feedback(
        feedback_id=item.feedback_id or _derived(item.prediction_id, item.kind, number, text, told),
        prediction_id=item.prediction_id,
        kind=item.kind,
        number=number,
        text=text,
        event_time=event_time,
        receive_time=now_us,
        source=item.source,
    )


def _derived(prediction_id: str, kind: str, number: float | None, text: str | None, event_time: int | None) -> str:
    """The same item has the same ID each time it is sent; a time that was not told is no part of it."""
    parts = msgspec.json.encode([prediction_id, kind, number, text, event_time])
    return hashlib.sha256(parts).hexdigest()[:32]
