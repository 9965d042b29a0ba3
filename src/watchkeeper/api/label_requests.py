"""Predictions that people are asked to label: the queue with each row's inputs and outputs, answering, skipping.

An answer is feedback like any other: it goes to the journal with the chance with which its prediction was drawn, so
that it counts for those that were not, and is on disk when the request returns.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
from fastapi import Path, Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.label_costs import LabelCostsView, label_costs
from watchkeeper.api.rater import RaterView, rater_of
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.journal.protocol import Entry
from watchkeeper.models.task import classes_of
from watchkeeper.schema.truth import REGRESSION, truth_of
from watchkeeper.store.label_requests import WAITING, Asked, LabelRequest
from watchkeeper.store.versions import Version

SOURCE = "label request"
MOST = 10_000
_BINARY = ("0", "1")
InState = Annotated[Asked | None, Query(description="Requests in this state only; all that wait if left out.")]
Limit = Annotated[int, Query(description="At most so many.", ge=1, le=500)]
PredictionId = Annotated[str, Path(max_length=128)]
Value = Annotated[str, Query(description="What was true: a class, or a number.", min_length=1, max_length=1000)]
By = Annotated[str, Query(description="Who says so.", max_length=200)]


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction to be labelled. Times are Unix seconds.

    `probability` is the chance with which it was drawn from the `rows` of its window; a label sent as feedback must
    carry it. `inputs` and `outputs` are as recorded, empty once the record has expired. One that is `for_people` is not
    labelled by the team's rater: it could not, or is to be held against them.
    """

    prediction_id: str
    version: str
    window_start: int
    window_end: int
    rows: int
    probability: float
    reason: str
    why: str
    state: Asked
    asked_at: float
    deadline: float
    for_people: bool = False
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}


class LabelRequestsView(msgspec.Struct, frozen=True, kw_only=True):
    """The queue of a model: what is for people ahead, then what is due first.

    `ask_labels` is how many labels are asked for of each window (0: none), within `deadline_seconds`; `counts` is by
    state; `classes` is what an answer may be; `buys` says what labels would show. `rater` is the team's own, where one
    runs.
    """

    model: str
    ask_labels: int
    ask_more: int
    deadline_seconds: int
    counts: dict[str, int]
    classes: tuple[str, ...]
    buys: str
    costs: LabelCostsView
    rater: RaterView | None
    requests: tuple[RequestView, ...]


def label_requests(context: Given, model: str, state: InState = None, limit: Limit = 50) -> LabelRequestsView:
    """Predictions that people, or the team's rater, are asked to label."""
    settings = context.store.versions.model(model).settings
    queue = context.store.label_requests
    states = WAITING if state is None else (state,)
    found = queue.find(model, *states, limit=MOST)
    version = context.version(model, found[0].version if found else None)
    rater = rater_of(context, version)
    chosen = sorted(found, key=lambda request: not _for_people(request, rater))[:limit]
    costs = label_costs(context, version)
    return LabelRequestsView(
        model=model,
        ask_labels=settings.ask_labels,
        ask_more=settings.ask_more,
        deadline_seconds=settings.label_deadline_seconds,
        counts={state.value: number for state, number in sorted(queue.counts(model).items())},
        classes=label_classes(context, version),
        buys=costs.words,
        costs=costs,
        rater=rater,
        requests=tuple(_view(context, model, request, rater) for request in chosen),
    )


def _for_people(request: LabelRequest, rater: RaterView | None) -> bool:
    return request.state is Asked.LEFT or (rater is not None and rater.leaves(request))


def answer(context: Given, model: str, prediction_id: PredictionId, value: Value, source: By = SOURCE) -> RequestView:
    """Say what was true. On disk when this returns; counted a moment later."""
    request = _open(context, model, prediction_id)
    if context.journal is None:
        raise Unavailable("This server takes no labels.", hint="Send them as feedback to the gateway.")
    version = context.store.versions.version(model, request.version)
    said = label_said(request, truth_said(version, label_classes(context, version), value), source, context.now())
    context.journal.append([label_entry(model, [said])])
    return _view(context, model, request)


def skip(context: Given, model: str, prediction_id: PredictionId) -> RequestView:
    """Say that nobody can label it."""
    _open(context, model, prediction_id)
    context.store.label_requests.skip(model, [prediction_id], context.now())
    return _view(context, model, _request(context, model, prediction_id))


def _request(context: Context, model: str, prediction_id: str) -> LabelRequest:
    context.store.versions.model(model)
    request = context.store.label_requests.get(model, prediction_id)
    if request is None:
        raise NotFound(f"Nobody was asked to label {prediction_id[:80]!r}.", hint="Send its label as feedback.")
    return request


def _open(context: Context, model: str, prediction_id: str) -> LabelRequest:
    request = _request(context, model, prediction_id)
    if request.state not in WAITING:
        raise BadInput(f"This request is {request.state}.", hint="A late label can be sent as feedback.")
    return request


def truth_said(version: Version, classes: tuple[str, ...], value: float | bool | str) -> float | str:
    """The label that `value` means for a version. Raises BadInput saying what its task takes."""
    if isinstance(value, bool):
        return truth_of(version.task, classes, None, str(value).lower())
    if isinstance(value, float | int):
        return truth_of(version.task, classes, float(value), None)
    return truth_of(version.task, classes, *_read(version.task, value))


def label_said(
    request: LabelRequest,
    truth: float | str,
    source: str,
    now: float,
    kind: FeedbackKind = FeedbackKind.LABEL,
) -> Feedback:
    """`truth` as feedback on what was requested. The same answer to the same request has the same ID."""
    parts = (request.prediction_id, repr(truth), source, kind.value, repr(request.changed_at))
    at = int(now * 1e6)
    return Feedback(
        feedback_id=hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest(),
        prediction_id=request.prediction_id,
        kind=kind,
        number=truth if isinstance(truth, float) else None,
        text=truth if isinstance(truth, str) else None,
        event_time=at,
        receive_time=at,
        source=source or SOURCE,
        probability=request.probability,
    )


def label_entry(model: str, said: list[Feedback]) -> Entry:
    """What the journal is to keep."""
    return Entry(kind="feedback", model=model, rows=len(said), payload=encode_batch(feedback_batch(model, said)))


def label_classes(context: Context, version: Version) -> tuple[str, ...]:
    """What a label may be; nothing where it is a number."""
    known = tuple(classes_of(version.schema.outputs)) or tuple(context.reference(version).classes)
    return known or (_BINARY if version.task == "binary" else ())


def _read(task: str, text: str) -> tuple[float | None, str | None]:
    if task != REGRESSION:
        return None, text
    try:
        return float(text), None
    except ValueError:
        return None, text


def _view(context: Context, model: str, request: LabelRequest, rater: RaterView | None = None) -> RequestView:
    fields = {name: getattr(request, name) for name in RequestView.__struct_fields__ if hasattr(request, name)}
    fields["for_people"] = _for_people(request, rater)
    try:
        record = context.store.queries.get(model, request.prediction_id)
    except NotFound:
        return RequestView(**fields)
    return RequestView(**fields, inputs=record.inputs, outputs=record.outputs)
