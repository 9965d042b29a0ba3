"""What becomes of feedback, item by item, in the order in which it was acknowledged. Pure.

The policies are those of `events.outcomes`. What takes effect depends on that order alone and never on how the stream
was cut into steps: two labels in one step, or in two, or before and after a crash, leave the same labels and the same
changes of the metrics. (Only how often something was parked on its way depends on it.)

A name that several predictions share means those that were acknowledged before the feedback: one of them is joined,
several are ambiguous, whatever comes later. Where there was none, the feedback waits, and meets the first that comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.events.ids import minted_at
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.labels import Label
from watchkeeper.store.outcomes import HOUR
from watchkeeper.store.parked import Parked
from watchkeeper.watch.precedence import (
    Prediction,
    Read,
    Standing,
    delay_of,
    key_of,
    label_of,
    refusal,
    standing,
)

_MICRO = 1_000_000


class Change(NamedTuple):
    """A pair of prediction `row` and label to be counted (`sign` 1) or taken out again (-1).

    `delay` is how many seconds a first label took, None for a correction. With `withdrawn` a label is taken out as a
    correction to nothing, or, with `sign` 1, put in as a correction of nothing: what stands once another is taken back.
    `delay` is then what the first label took, which said `first`, and None where that is not known any more.
    """

    row: int
    label: float | str
    sign: int
    correction: bool = False
    probability: float | None = None
    delay: float | None = None
    withdrawn: bool = False
    first: float | str | None = None


class Reward(NamedTuple):
    """A reward for prediction `row`, in millionths; `sign` -1 takes one out again, and its `micros` are negated."""

    row: int
    micros: int
    sign: int = 1


@dataclass
class Settled:
    """What feedback led to. `outcomes` counts by (hour of arrival, kind, outcome, source).

    `labels` are to be kept, those of `withdrawn` to be forgotten; both by (prediction ID, kind). `heard` is all that
    was said of predictions of which something is taken back, in its order.
    """

    labels: dict[tuple[str, str], Label] = field(default_factory=dict)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)
    outcomes: Counter[tuple[int, str, Outcome, str]] = field(default_factory=Counter)
    parked: list[Parked] = field(default_factory=list)
    done: list[Parked] = field(default_factory=list)
    heard: dict[str, list[Feedback]] = field(default_factory=dict)

    def count(self, feedback: Feedback, outcome: Outcome) -> None:
        """This is what became of `feedback`."""
        self.outcomes[outcome_key(feedback, outcome)] += 1


class Rules(NamedTuple):
    """`read` gives the label that feedback means for a prediction, or raises BadInput; ages in seconds."""

    read: Read
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
    history: Mapping[str, Sequence[Feedback]] | None = None,
) -> Settled:
    """Take `items` in order. `found` gives the predictions of each target, `known` the labels that they have.

    `history` is what was said before, in its order, of each prediction of which something is taken back.
    """
    out = Settled(labels=dict(known), heard={name: list(said) for name, said in (history or {}).items()})
    for item in items:
        predictions = meant(item, found.get(item.target, ()))
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


def meant(item: Parked, predictions: Sequence[Prediction]) -> Sequence[Prediction]:
    """Those of `predictions` that `item` is about: all that were acknowledged before it, else the first after it."""
    if len(predictions) < 2:
        return predictions
    before = [one for one in predictions if one.order < item.order or one.order < 0]
    return before or [min(predictions, key=lambda one: one.order)]


def _is_expired(feedback: Feedback, keep_seconds: float) -> bool:
    minted = minted_at(feedback.prediction_id)
    return minted is not None and minted < feedback.receive_time / _MICRO - keep_seconds


def _apply(feedback: Feedback, prediction: Prediction, rules: Rules, out: Settled) -> None:
    heard = out.heard.get(prediction.prediction_id)
    if feedback.kind is FeedbackKind.WITHDRAWAL:
        out.count(feedback, _withdraw(feedback, prediction, rules, out))
    else:
        _take(feedback, prediction, rules, out)
    if heard is not None:
        heard.append(feedback)


def _take(feedback: Feedback, prediction: Prediction, rules: Rules, out: Settled) -> None:
    try:
        value = rules.read(prediction, feedback)
    except BadInput:
        out.count(feedback, Outcome.WRONG_VALUE)
        return
    key = key_of(feedback, prediction)
    old = out.labels.get(key)
    refused = refusal(feedback, value, old)
    if refused is not None:
        out.count(feedback, refused)
        return
    label = label_of(feedback, prediction, value, old)
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
        delay = delay_of(feedback.event_time, feedback.receive_time, prediction)
        out.changes.append(Change(prediction.row, value, 1, probability=label.probability, delay=delay))
        return Outcome.JOINED
    out.changes.append(Change(prediction.row, old.value, -1, correction=True, probability=old.probability))
    out.changes.append(Change(prediction.row, value, 1, correction=True, probability=label.probability))
    return Outcome.CORRECTED


def _withdraw(feedback: Feedback, prediction: Prediction, rules: Rules, out: Settled) -> Outcome:
    """Forget what one source said of a prediction, of every kind; what others said of it stands again."""
    said = [key for kind in FeedbackKind if (key := (prediction.prediction_id, kind.value)) in out.labels]
    heard = out.heard.get(prediction.prediction_id, [])
    before = standing(heard, prediction, rules.read)
    after = standing([*heard, feedback], prediction, rules.read)
    outcome = Outcome.CONFLICTING if said else Outcome.REPEATED
    for key in said:
        was, left = before.get(key[1]), after.get(key[1])
        told = was is not None and was.label == out.labels[key]  # else what was heard of it is not kept any more
        if left == was if told else (out.labels[key].source or "") != (feedback.text or ""):
            continue
        outcome = Outcome.WITHDRAWN
        _take_out(out.labels.pop(key), was if told else None, prediction, out)
        if left is not None:
            out.labels[key] = left.label
            _put_in(left, prediction, out)
            if was is None or left.feedback != was.feedback:
                out.count(left.feedback, Outcome.REINSTATED)
    return outcome


def _take_out(label: Label, was: Standing | None, prediction: Prediction, out: Settled) -> None:
    """`was` is how it came to stand, where that is known."""
    value, kind = label.value, FeedbackKind(label.kind)
    if kind is FeedbackKind.REWARD and isinstance(value, float):
        out.rewards.append(Reward(prediction.row, -round(value * _MICRO), sign=-1))
    if kind.truth and value is not None and prediction.scorable:
        took = delay_of(label.event_time, label.arrived_at, prediction) if label.revision == 1 else None
        first = (value, took) if was is None else (was.first, was.delay)
        out.changes.append(_moved(prediction.row, value, label, -1, first))


def _put_in(left: Standing, prediction: Prediction, out: Settled) -> None:
    value, kind = left.label.value, FeedbackKind(left.label.kind)
    if kind is FeedbackKind.REWARD and isinstance(value, float):
        out.rewards.append(Reward(prediction.row, round(value * _MICRO)))
    if kind.truth and value is not None and prediction.scorable:
        out.changes.append(_moved(prediction.row, value, left.label, 1, (left.first, left.delay)))


def _moved(row: int, value: float | str, label: Label, sign: int, first: tuple[float | str, float | None]) -> Change:
    said, delay = first
    return Change(
        row,
        value,
        sign,
        correction=True,
        probability=label.probability,
        delay=delay,
        withdrawn=True,
        first=None if said == value else said,
    )
