"""Which of several pieces of feedback counts for a prediction, and what is left when one source is taken back.

The first label stands until a correction replaces it. A withdrawal takes back all that one source said before it, as
if it had been silent: what is left is told again in its order, so that what had been refused behind the withdrawn
label, or replaced by it, stands again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.labels import Label

LIVE_SECONDS = 3600.0
"""A prediction received within this time of its event time was live: its labels' delay is told by the clock."""

_MICRO = 1_000_000


class Prediction(NamedTuple):
    """A prediction that feedback is about. Times are Unix microseconds; `row` is its place in the table of them.

    `order` says where it lies in the journal, if it came in this step, and is -1 if it was kept before.
    """

    row: int
    prediction_id: str
    version: str
    route: str
    predicted_at: int
    received_at: int
    scorable: bool
    order: int = -1


Read = Callable[[Prediction, Feedback], float | str]
"""The value that feedback means for a prediction; raises BadInput where it means none."""


class Standing(NamedTuple):
    """What stands for a prediction: the label, the feedback it came from, and what the first said after which delay."""

    label: Label
    feedback: Feedback
    first: float | str
    delay: float


def key_of(feedback: Feedback, prediction: Prediction) -> tuple[str, str]:
    """Under what `feedback` is kept: a correction is a label."""
    kind = FeedbackKind.LABEL if feedback.kind.truth else feedback.kind
    return prediction.prediction_id, kind.value


def refusal(feedback: Feedback, value: float | str, old: Label | None) -> Outcome | None:
    """Why `feedback` does not take the place of `old`; None if it does."""
    if old is None:
        return None
    if old.value == value:
        return Outcome.REPEATED
    return None if feedback.kind is FeedbackKind.CORRECTION else Outcome.CONFLICTING


def label_of(feedback: Feedback, prediction: Prediction, value: float | str, old: Label | None) -> Label:
    """The label that `feedback` makes in the place of `old`."""
    return Label(
        prediction_id=prediction.prediction_id,
        kind=key_of(feedback, prediction)[1],
        number=value if isinstance(value, float) else None,
        text=value if isinstance(value, str) else None,
        event_time=feedback.event_time,
        arrived_at=feedback.receive_time,
        source=feedback.source,
        probability=feedback.probability if old is None else old.probability,
        version=prediction.version,
        route=prediction.route,
        predicted_at=prediction.predicted_at,
        revision=1 if old is None else old.revision + 1,
    )


def delay_of(known_at: int, came_at: int, prediction: Prediction) -> float:
    """Seconds from the prediction to its label: by the clock in a live stream, by the events' own times in a replay."""
    live = abs(prediction.received_at - prediction.predicted_at) <= LIVE_SECONDS * _MICRO
    came = came_at if live else known_at
    return max(0, came - prediction.predicted_at) / _MICRO


def standing(heard: Sequence[Feedback], prediction: Prediction, read: Read) -> dict[str, Standing]:
    """What stands of all that was `heard` of `prediction`, in its order: {kind: …}."""
    found: dict[str, Standing] = {}
    for feedback in _not_taken_back(heard):
        try:
            value = read(prediction, feedback)
        except BadInput:
            continue
        kind = key_of(feedback, prediction)[1]
        before = found.get(kind)
        old = None if before is None else before.label
        if refusal(feedback, value, old) is None:
            took = delay_of(feedback.event_time, feedback.receive_time, prediction)
            first = (value, took) if before is None else (before.first, before.delay)
            found[kind] = Standing(label_of(feedback, prediction, value, old), feedback, *first)
    return found


def _not_taken_back(heard: Sequence[Feedback]) -> list[Feedback]:
    """What no later withdrawal takes back, without the withdrawals."""
    taken: set[str] = set()
    left: list[Feedback] = []
    for feedback in reversed(heard):
        if feedback.kind is FeedbackKind.WITHDRAWAL:
            taken.add(feedback.text or "")
        elif (feedback.source or "") not in taken:
            left.append(feedback)
    return left[::-1]
