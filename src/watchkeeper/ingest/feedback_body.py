"""The body of a feedback request: read item by item, all or nothing.

    {"feedback": [{"prediction_id": "…", "label": 1, "event_time": "2013-06-01T12:00:00Z"}, …]}

One item may stand alone, without the list. A prediction is named by `prediction_id`, by the caller's own ID of the
request (`request_id`, with `row` from 0 where it had several), or by `key`: the values of some features, with
`predicted_from` and `predicted_to` around the prediction's event time. `labels` instead of `label` is a list with one
value for each row of a request, null where there is none.

`label` and `value` are two names for what came back: a number, a text or a boolean (kept as text, `true` or `false`).
`kind` is label (the default), correction, reward, decision, opinion or withdrawal (whose value is the source whose word
on this prediction is taken back). `feedback_id` makes a repeated request harmless; without it, it is derived from
prediction, kind, value, source and time, so that the same item sent again is the same feedback. A correction or a
withdrawal without a time is another one in each request: 1, 0 and 1 again are three corrections, and what is sent twice
in a row finds its value in force and changes nothing.
`event_time` is when the truth was known, the time of receipt by default. `probability` is how likely the prediction was
to be chosen for labelling, where it was chosen by chance.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, NamedTuple, TypeVar

import msgspec

from watchkeeper.events.errors import BadInput, TooLarge, WatchkeeperError
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.ids import row_ids
from watchkeeper.events.times import event_micros
from watchkeeper.performance.reward import millionths
from watchkeeper.schema.truth import Truth, truth_of

MAX_ITEMS = 1000
AHEAD_US = 86_400_000_000
"""How far in the future an event time may lie, microseconds: clocks differ by hours, never by days."""
LEAST_PROBABILITY = 1e-5
T = TypeVar("T")
_SHOWN = 5
_MAX_KEYS = 20
_HINT = 'Send {"feedback": [{"prediction_id": "…", "label": …}, …]}.'

_NAMES = r"^[^\x00-\x1f]+\Z"  # a database ends a text at NUL, and would not know the ID again
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=_NAMES)]
_OwnId = Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern=_NAMES)]
_Value = float | bool | Annotated[str, msgspec.Meta(max_length=10_000)] | None
_Time = float | str | None


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    prediction_id: _Id | None = None
    request_id: _OwnId | None = None
    row: Annotated[int, msgspec.Meta(ge=0, lt=1_000_000)] | None = None
    key: Annotated[dict[str, _Value], msgspec.Meta(min_length=1, max_length=50)] | None = None
    predicted_from: _Time = None
    predicted_to: _Time = None
    label: _Value = None
    value: _Value = None
    labels: Annotated[list[_Value], msgspec.Meta(min_length=1, max_length=MAX_ITEMS)] | None = None
    kind: FeedbackKind = FeedbackKind.LABEL
    event_time: _Time = None
    feedback_id: _Id | None = None
    source: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    probability: float | None = None


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    feedback: list[msgspec.Raw]


class Key(NamedTuple):
    """A prediction by the values of some features, and its event time in [start, end), Unix microseconds."""

    features: dict[str, float | bool | str | None]
    start: int
    end: int


class Sent(NamedTuple):
    """A request around its body: when it was received (Unix microseconds), by whom it was sent, and what may be said.

    `truth` says what labels the model takes, None where that is not known here; `find` gives the prediction ID of a
    key, or raises WatchkeeperError, None where keys cannot be looked up.
    """

    now_us: int
    source: str | None = None
    truth: Truth | None = None
    find: Callable[[Key], str] | None = None


class BadFeedback(BadInput):
    """Some items are wrong, so none was kept. `items` says for each wrong item (by its place from 0) what is wrong."""

    def __init__(self, items: dict[int, str], total: int, reasons: Counter[str] | None = None) -> None:
        shown = "; ".join(f"item {place}: {fault}" for place, fault in list(items.items())[:_SHOWN])
        more = f"; and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
        super().__init__(
            f"{len(items)} of {total} feedback items are wrong, so none was kept: {shown}{more}.", hint=_HINT
        )
        self.items, self.reasons = items, reasons or Counter({MALFORMED: len(items)})


MALFORMED, NO_LABEL, IN_FUTURE, NO_PREDICTION = (
    "feedback_malformed",
    "feedback_not_a_label",
    "feedback_in_future",
    "feedback_no_prediction",
)
"""Why items are refused, in one word for counting."""


class _Refused(BadInput):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def parse_feedback(body: bytes, sent: Sent) -> list[Feedback]:
    """The feedback in `body`.

    Raises TooLarge beyond 1,000 items, BadFeedback if any item is wrong, BadInput if the body is no such object.
    """
    items = _items(body)
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"{len(items)} feedback items in one request.", hint=f"Send at most {MAX_ITEMS} at a time.")
    found: list[Feedback] = []
    faults: dict[int, str] = {}
    reasons: Counter[str] = Counter()
    keys = 0
    for place, raw in enumerate(items):
        try:
            item = _decode(_Item, raw, "it")
            keys += item.key is not None
            if keys > _MAX_KEYS:
                raise TooLarge(f"More than {_MAX_KEYS} keys in one request.", hint="Send fewer at a time, or IDs.")
            found.extend(_feedback(item, sent))
        except BadInput as error:
            faults[place] = error.message.rstrip(".")
            reasons[error.reason if isinstance(error, _Refused) else MALFORMED] += 1
        if len(found) > MAX_ITEMS:  # at once: lists of labels can hold a million, and predictions wait
            raise TooLarge(f"More than {MAX_ITEMS} labels in one request.", hint=f"Send at most {MAX_ITEMS} at a time.")
    if faults:
        raise BadFeedback(faults, len(items), reasons)
    return found


def _items(body: bytes) -> list[msgspec.Raw]:
    """The items, not read yet; a single object is one."""
    whole = _decode(dict[str, msgspec.Raw], body, "The body")
    if "feedback" not in whole and ("label" in whole or "value" in whole or "labels" in whole):
        return [msgspec.Raw(body)]
    return _decode(_Body, body, "The body").feedback


def _decode(kind: type[T], text: bytes | msgspec.Raw, what: str) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except RecursionError as error:
        raise BadInput(f"{what} is nested too deeply.", hint=_HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{what} is not valid: {error}.", hint=_HINT) from error


def _feedback(item: _Item, sent: Sent) -> Iterator[Feedback]:
    values = _values(item)
    named = sum(name is not None for name in (item.prediction_id, item.request_id, item.key))
    if named != 1:
        raise BadInput("exactly one of prediction_id, request_id and key is needed")
    if item.row is not None and (item.request_id is None or item.labels is not None):
        raise BadInput("row goes with request_id, and not with labels")
    event_time = sent.now_us if item.event_time is None else event_micros(item.event_time, "event_time")
    if event_time > sent.now_us + AHEAD_US:
        hours = (event_time - sent.now_us) / 3.6e9
        raise _Refused(IN_FUTURE, f"event_time lies {hours:,.0f} hours in the future")
    if item.probability is not None and not LEAST_PROBABILITY <= item.probability <= 1:
        raise BadInput(f"probability must lie between {LEAST_PROBABILITY:g} and 1")
    names = _names(item, len(values), sent)
    for place, (name, value) in enumerate(zip(names, values, strict=True)):
        if value is not None:
            yield _one(item, sent, name, (item.row or place, value), event_time)


def _values(item: _Item) -> list[float | bool | str | None]:
    """What is said, of each row."""
    given: list[float | bool | str | None] = [value for value in (item.label, item.value) if value is not None]
    if len(given) + (item.labels is not None) != 1:
        raise BadInput("exactly one of label, value and labels is needed")
    return given if item.labels is None else item.labels


def _names(item: _Item, rows: int, sent: Sent) -> list[str]:
    """The prediction ID of each value; empty where the caller's own ID names it."""
    if item.prediction_id is not None:
        return row_ids(item.prediction_id, rows)
    if item.request_id is not None:
        return [""] * rows
    if rows > 1 or sent.find is None or item.key is None:
        raise BadInput("a key names one prediction" if rows > 1 else "predictions are not looked up by key here")
    if item.predicted_from is None or item.predicted_to is None:
        raise BadInput("a key needs predicted_from and predicted_to, around the prediction's event time")
    start, end = event_micros(item.predicted_from, "predicted_from"), event_micros(item.predicted_to, "predicted_to")
    try:
        return [sent.find(Key(item.key, start, end))]
    except WatchkeeperError as error:
        if error.status >= 500:
            raise
        raise _Refused(NO_PREDICTION, str(error)) from error


def _one(item: _Item, sent: Sent, name: str, said: tuple[int, float | bool | str], event_time: int) -> Feedback:
    row, value = said
    number = float(value) if isinstance(value, float | int) and not isinstance(value, bool) else None
    text = None if number is not None else str(value).lower() if isinstance(value, bool) else str(value)
    _check_value(item.kind, number, text, sent.truth)
    whose = name or f"request:{item.request_id}:{row}"
    given = item.feedback_id if item.labels is None or item.feedback_id is None else f"{item.feedback_id}:{row}"
    return Feedback(
        feedback_id=given
        or _derived(whose, item.kind, number, text, item.source or sent.source, _moment(item, event_time, sent)),
        prediction_id=name,
        kind=item.kind,
        number=number,
        text=text,
        event_time=event_time,
        receive_time=sent.now_us,
        source=item.source or sent.source,
        request_id=item.request_id,
        row=None if item.request_id is None else row,
        probability=item.probability,
    )


def _check_value(kind: FeedbackKind, number: float | None, text: str | None, truth: Truth | None) -> None:
    """A label that the model cannot have, or a reward that is no number, is refused here, where it can be said."""
    try:
        if kind is FeedbackKind.REWARD:
            if number is None:
                raise BadInput("a reward is a number")
            millionths(number)
        elif kind.truth and truth is not None:
            truth_of(truth.task, truth.classes, number, text)
        elif kind is FeedbackKind.WITHDRAWAL and text is None:
            raise BadInput("the value of a withdrawal is the name of the source whose word is taken back")
        if number is not None and not math.isfinite(number):
            raise BadInput("the value is not finite")
    except BadInput as error:
        raise _Refused(NO_LABEL, error.message) from error


def _moment(item: _Item, event_time: int, sent: Sent) -> int | str | None:
    """The time by which an item is told from another that says the same."""
    if item.event_time is None and item.kind in (FeedbackKind.CORRECTION, FeedbackKind.WITHDRAWAL):
        return f"received {sent.now_us}"
    return None if item.event_time is None else event_time


def _derived(*parts: float | str | None) -> str:
    """The same item has the same ID each time it is sent."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
