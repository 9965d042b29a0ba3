"""Predictions that people are asked to label: the queue with each row's inputs and outputs, answering, skipping.

An answer is feedback like any other: it goes to the journal with the chance with which its prediction was drawn, so
that it counts for those that were not, and is on disk when the request returns.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
import numpy as np
from fastapi import Path, Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.performance import as_of
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.journal.protocol import Entry
from watchkeeper.models.task import classes_of
from watchkeeper.monitors.asking import buys
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.losses import losses
from watchkeeper.schema.truth import REGRESSION, truth_of
from watchkeeper.store.label_requests import Asked, LabelRequest
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.versions import Version

SOURCE = "label request"
WINDOWS, ORDINARY, LEAST = 120, 20, 8
_BINARY = ("0", "1")
InState = Annotated[Asked | None, Query(description="Requests in this state only; open ones if left out.")]
Limit = Annotated[int, Query(description="At most so many.", ge=1, le=500)]
PredictionId = Annotated[str, Path(max_length=128)]
Value = Annotated[str, Query(description="What was true: a class, or a number.", min_length=1, max_length=1000)]
By = Annotated[str, Query(description="Who says so.", max_length=200)]


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction to be labelled. Times are Unix seconds.

    `probability` is the chance with which it was drawn from the `rows` of its window; a label sent as feedback must
    carry it. `inputs` and `outputs` are as recorded, empty once the record has expired.
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
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}


class LabelRequestsView(msgspec.Struct, frozen=True, kw_only=True):
    """The queue of a model: the request due first ahead, `counts` by state, and the `classes` that an answer may be.

    `ask_labels` is how many labels are asked for of each window (0: none), `buys` says what labels would show.
    """

    model: str
    ask_labels: int
    ask_more: int
    counts: dict[str, int]
    classes: tuple[str, ...]
    buys: str
    requests: tuple[RequestView, ...]


def label_requests(context: Given, model: str, state: InState = Asked.OPEN, limit: Limit = 50) -> LabelRequestsView:
    """Predictions that people are asked to label."""
    settings = context.store.versions.model(model).settings
    queue = context.store.label_requests
    found = queue.find(model, state or Asked.OPEN, limit)
    version = context.version(model, found[0].version if found else None)
    return LabelRequestsView(
        model=model,
        ask_labels=settings.ask_labels,
        ask_more=settings.ask_more,
        counts={state.value: number for state, number in sorted(queue.counts(model).items())},
        classes=_classes(context, version),
        buys=_buys(context, version, settings.ask_labels or 20, (settings.ask_labels or 20) + settings.ask_more),
        requests=tuple(_view(context, model, request) for request in found),
    )


def answer(context: Given, model: str, prediction_id: PredictionId, value: Value, source: By = SOURCE) -> RequestView:
    """Say what was true. On disk when this returns; counted a moment later."""
    request = _open(context, model, prediction_id)
    if context.journal is None:
        raise Unavailable("This server takes no labels.", hint="Send them as feedback to the gateway.")
    feedback = _feedback(context, model, request, value, source)
    payload = encode_batch(feedback_batch(model, [feedback]))
    context.journal.append([Entry(kind="feedback", model=model, rows=1, payload=payload)])
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
    if request.state is not Asked.OPEN:
        raise BadInput(f"This request is {request.state}.", hint="A late label can be sent as feedback.")
    return request


def _feedback(context: Context, model: str, request: LabelRequest, value: str, source: str) -> Feedback:
    version = context.store.versions.version(model, request.version)
    truth = truth_of(version.task, _classes(context, version), *_said(version.task, value))
    now = int(context.now() * 1e6)
    return Feedback(
        feedback_id=hashlib.blake2b(f"{request.prediction_id}\x1f{truth}".encode(), digest_size=16).hexdigest(),
        prediction_id=request.prediction_id,
        kind=FeedbackKind.LABEL,
        number=truth if isinstance(truth, float) else None,
        text=truth if isinstance(truth, str) else None,
        event_time=now,
        receive_time=now,
        source=source or SOURCE,
        probability=request.probability,
    )


def _said(task: str, value: str) -> tuple[float | None, str | None]:
    if task != REGRESSION:
        return None, value
    try:
        return float(value), None
    except ValueError:
        return None, value


def _classes(context: Context, version: Version) -> tuple[str, ...]:
    known = tuple(classes_of(version.schema.outputs)) or tuple(context.reference(version).classes)
    return known or (_BINARY if version.task == "binary" else ())


def _view(context: Context, model: str, request: LabelRequest) -> RequestView:
    fields = {name: getattr(request, name) for name in RequestView.__struct_fields__ if hasattr(request, name)}
    try:
        record = context.store.queries.get(model, request.prediction_id)
    except NotFound:
        return RequestView(**fields)
    return RequestView(**fields, inputs=record.inputs, outputs=record.outputs)


def _buys(context: Context, version: Version, labels: int, more: int) -> str:
    """What labels would show, once the labels of 8 windows say how windows ordinarily differ."""
    width = context.store.versions.model(version.model).settings.window_seconds
    end = int(as_of(context, version.model)) // width * width
    span = (max(0, end - WINDOWS * width), end)
    found = labelled_windows(context.store.performance, (version.model, version.version), span, width)
    counts = [counts for start in found.starts if (counts := found.at(start).counts) is not None][:ORDINARY]
    if found.layout is None or len(counts) < LEAST:
        return f"{len(counts)} windows have labels; {LEAST} are needed to say what more labels would show."
    return buys(BlockLosses.of(*losses(found.layout, np.stack(counts))), labels, more)
