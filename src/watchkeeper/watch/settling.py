"""What becomes of feedback, item by item, in the order in which it was acknowledged. Pure.

The policies are those of `events.outcomes`. What takes effect depends on that order alone and never on how the stream
was cut into steps: two labels in one step, or in two, or before and after a crash, leave the same labels and the same
changes of the metrics. (Only how often something was parked on its way depends on it.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.ids import minted_at
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.labels import Label
from watchkeeper.store.outcomes import HOUR
from watchkeeper.store.parked import Parked

LIVE_SECONDS = 3600.0
"""A prediction received within this time of its event time was live: its labels' delay is told by the clock."""

_MICRO = 1_000_000


class Prediction(NamedTuple):
    """A prediction that feedback is about. Times are Unix microseconds; `row` is its place in the table of them."""

    row: int
    prediction_id: str
    version: str
    route: str
    predicted_at: int
    received_at: int
    scorable: bool


class Change(NamedTuple):
    """A pair of prediction `row` and label to be counted (`sign` 1) or taken out again (-1).

    `delay` is how many seconds a first label took, None for a correction. A `withdrawn` label is taken out for good, as
    a correction to nothing; `delay` is then what it had taken, None where a correction has since covered that.
    """

    row: int
    label: float | str
    sign: int
    correction: bool = False
    probability: float | None = None
    delay: float | None = None
    withdrawn: bool = False


class Reward(NamedTuple):
    """A reward for prediction `row`, in millionths; `sign` -1 takes one out again, and its `micros` are negated."""

    row: int
    micros: int
    sign: int = 1


@dataclass
class Settled:
    """What feedback led to. `outcomes` counts by (hour of arrival, kind, outcome, source).

    `labels` are to be kept, those of `withdrawn` to be forgotten; both by (prediction ID, kind).
    """

    labels: dict[tuple[str, str], Label] = field(default_factory=dict)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)
    outcomes: Counter[tuple[int, str, Outcome, str]] = field(default_factory=Counter)
    parked: list[Parked] = field(default_factory=list)
    done: list[Parked] = field(default_factory=list)

    def count(self, feedback: Feedback, outcome: Outcome) -> None:
        """This is what became of `feedback`."""
        self.outcomes[outcome_key(feedback, outcome)] += 1


class Rules(NamedTuple):
    """`read` gives the label that feedback means for a prediction, or raises BadInput; ages in seconds."""

    read: Callable[[Prediction, Feedback], float | str]
    keep_seconds: float


def outcome_key(feedback: Feedback, outcome: Outcome) -> tuple[int, str, Outcome, str]:
    """Under what `feedback` is counted: its hour of arrival (Unix seconds), kind, outcome and source."""
    hour = feedback.receive_time // _MICRO // HOUR * HOUR
    return hour, feedback.kind.value, outcome, feedback.source or ""


def settle(
    items: Sequence[Parked],
    found: Mapping[str, Sequence[Prediction]],
    known: Mapping[tuple[str, str], Label],
    rules: Rules,
) -> Settled:
    """Take `items` in order. `found` gives the predictions of each target, `known` the labels that they have."""
    out = Settled(labels=dict(known))
    for item in items:
        predictions = found.get(item.target, ())
        if len(predictions) == 1:
            _apply(item.feedback, predictions[0], rules, out)
        elif predictions:
            out.count(item.feedback, Outcome.AMBIGUOUS)
        elif item.id:
            continue  # it waits on
        elif _is_expired(item.feedback, rules.keep_seconds):
            out.count(item.feedback, Outcome.EXPIRED)
        else:
            out.count(item.feedback, Outcome.PARKED)
            out.parked.append(item)
        if item.id:
            out.done.append(item)
    out.withdrawn = [key for key in known if key not in out.labels]
    out.labels = {key: label for key, label in out.labels.items() if known.get(key) is not label}
    return out


def _is_expired(feedback: Feedback, keep_seconds: float) -> bool:
    minted = minted_at(feedback.prediction_id)
    return minted is not None and minted < feedback.receive_time / _MICRO - keep_seconds


def _apply(feedback: Feedback, prediction: Prediction, rules: Rules, out: Settled) -> None:
    if feedback.kind is FeedbackKind.WITHDRAWAL:
        out.count(feedback, _withdraw(feedback, prediction, out))
        return
    try:
        value = rules.read(prediction, feedback)
    except BadInput:
        out.count(feedback, Outcome.WRONG_VALUE)
        return
    kind = FeedbackKind.LABEL.value if feedback.kind.truth else feedback.kind.value
    key = (prediction.prediction_id, kind)
    old = out.labels.get(key)
    if old is not None and old.value == value:
        out.count(feedback, Outcome.REPEATED)
        return
    if old is not None and feedback.kind is not FeedbackKind.CORRECTION:
        out.count(feedback, Outcome.CONFLICTING)
        return
    label = _label(feedback, prediction, kind, value, old)
    out.labels[key] = label
    out.count(feedback, _effect(feedback, prediction, label, old, out))


def _effect(feedback: Feedback, prediction: Prediction, label: Label, old: Label | None, out: Settled) -> Outcome:
    """What a label that was taken changes in the metrics."""
    value = label.value
    if feedback.kind is FeedbackKind.REWARD and isinstance(value, float):
        out.rewards.append(Reward(prediction.row, round(value * _MICRO)))
    if not feedback.kind.truth:
        return Outcome.JOINED
    if value is None or not prediction.scorable:
        return Outcome.NOT_SCORED
    if old is None or old.value is None:
        delay = _delay(feedback.event_time, feedback.receive_time, prediction)
        out.changes.append(Change(prediction.row, value, 1, probability=label.probability, delay=delay))
        return Outcome.JOINED
    out.changes.append(Change(prediction.row, old.value, -1, correction=True, probability=old.probability))
    out.changes.append(Change(prediction.row, value, 1, correction=True, probability=label.probability))
    return Outcome.CORRECTED


def _withdraw(feedback: Feedback, prediction: Prediction, out: Settled) -> Outcome:
    """Forget what one source said of a prediction, of every kind."""
    said = [key for kind in FeedbackKind if (key := (prediction.prediction_id, kind.value)) in out.labels]
    own = [key for key in said if (out.labels[key].source or "") == (feedback.text or "")]
    for key in own:
        _take_out(out.labels.pop(key), prediction, out)
    if own:
        return Outcome.WITHDRAWN
    return Outcome.CONFLICTING if said else Outcome.REPEATED


def _take_out(label: Label, prediction: Prediction, out: Settled) -> None:
    value, kind = label.value, FeedbackKind(label.kind)
    if kind is FeedbackKind.REWARD and isinstance(value, float):
        out.rewards.append(Reward(prediction.row, -round(value * _MICRO), sign=-1))
    if kind.truth and value is not None and prediction.scorable:
        took = _delay(label.event_time, label.arrived_at, prediction) if label.revision == 1 else None
        out.changes.append(
            Change(
                prediction.row,
                value,
                -1,
                correction=True,
                probability=label.probability,
                delay=took,
                withdrawn=True,
            )
        )


def _label(feedback: Feedback, prediction: Prediction, kind: str, value: float | str, old: Label | None) -> Label:
    return Label(
        prediction_id=prediction.prediction_id,
        kind=kind,
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


def _delay(known_at: int, came_at: int, prediction: Prediction) -> float:
    """Seconds from the prediction to its label: by the clock in a live stream, by the events' own times in a replay."""
    live = abs(prediction.received_at - prediction.predicted_at) <= LIVE_SECONDS * _MICRO
    came = came_at if live else known_at
    return max(0, came - prediction.predicted_at) / _MICRO
