"""The policies, one by one, without a store. (How they act together is told in test_joining.py.)"""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.feedback import item
from tests.helpers.watching import START
from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.labels import Label
from watchkeeper.store.parked import Parked, target_of
from watchkeeper.watch.precedence import Prediction
from watchkeeper.watch.settling import Change, Reward, Rules, Settled, meant, outcome_key, settle

AT = START * 1_000_000
SEEN = Prediction(0, "p", "1", "live", AT, AT, True)


def read(_: Prediction, feedback: Feedback) -> float | str:
    if feedback.text == "bad":
        raise BadInput("no such class")
    return feedback.number if feedback.number is not None else feedback.text or ""


def settled(*items: Feedback, known: dict[tuple[str, str], Label] | None = None, **changed: Any) -> Settled:
    waiting = [Parked(target_of(one), 0.0, one) for one in items]
    return settle(waiting, {"p": [SEEN._replace(**changed)]}, known or {}, Rules(read, 86_400.0))


def outcomes(out: Settled) -> list[Outcome]:
    return [key[2] for key in out.outcomes]


def test_a_first_label_is_counted_once_with_its_delay() -> None:
    out = settled(item("p", "1", at=START + 60.0))
    assert out.changes == [Change(0, "1", 1, delay=60.0)]
    assert out.labels["p", "label"].predicted_at == AT


def test_a_correction_takes_the_old_pair_out_with_its_own_weight() -> None:
    first = settled(item("p", "1", probability=0.5))
    out = settled(item("p", "0", "correction", probability=0.1), known=first.labels)
    assert out.changes == [
        Change(0, "1", -1, correction=True, probability=0.5),
        Change(0, "0", 1, correction=True, probability=0.5),
    ]
    assert out.labels["p", "label"].revision == 2


def test_a_correction_of_nothing_is_a_label() -> None:
    assert outcomes(settled(item("p", "1", "correction"))) == [Outcome.JOINED]


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (("1", "label"), Outcome.REPEATED),
        (("1", "correction"), Outcome.REPEATED),
        (("0", "label"), Outcome.CONFLICTING),
        (("0", "correction"), Outcome.CORRECTED),
        (("bad", "correction"), Outcome.WRONG_VALUE),
    ],
)
def test_what_comes_second(second: tuple[str, str], outcome: Outcome) -> None:
    out = settled(item("p", "1"), item("p", *second))
    assert outcomes(out) == [Outcome.JOINED, outcome]
    assert out.labels["p", "label"].text == ("0" if outcome is Outcome.CORRECTED else "1")


def test_a_prediction_that_cannot_be_scored_is_labelled_all_the_same() -> None:
    out = settled(item("p", "1"), item("p", "0", "correction"), scorable=False)
    assert set(outcomes(out)) == {Outcome.NOT_SCORED}
    assert out.changes == []
    assert out.labels["p", "label"].text == "0"


def test_only_what_changed_is_to_be_written() -> None:
    first = settled(item("p", "1"))
    assert settled(item("p", "1"), known=first.labels).labels == {}


def test_outcomes_are_counted_by_hour_of_arrival_and_source() -> None:
    key = outcome_key(item("p", 1.0, at=START + 3700.0, source="s"), Outcome.JOINED)
    assert key == (START + 3600, "label", Outcome.JOINED, "s")


def test_what_waits_already_goes_on_waiting_until_its_prediction_is_there() -> None:
    waits, other = (Parked(name, 0.0, item(name, "1"), id=7) for name in ("p", "q"))
    out = settle([waits, other], {"p": [SEEN]}, {}, Rules(read, 86_400.0))
    assert out.done == [waits]
    assert out.parked == []
    assert outcomes(out) == [Outcome.JOINED]


def test_a_withdrawal_takes_out_all_that_its_source_said() -> None:
    first = settled(
        item("p", "1", at=START + 60.0, source="a", probability=0.5),
        item("p", 2.0, "reward", source="a"),
        item("p", "refund", "decision", source="b"),
    )
    out = settled(item("p", "a", "withdrawal", source="clean-up"), known=first.labels)
    assert outcomes(out) == [Outcome.WITHDRAWN]
    assert out.changes == [
        Change(0, "1", -1, correction=True, probability=0.5, delay=60.0, withdrawn=True),
    ]
    assert out.rewards == [Reward(0, -2_000_000, sign=-1)]
    assert (sorted(out.withdrawn), out.labels) == ([("p", "label"), ("p", "reward")], {})


def test_what_another_source_said_stays() -> None:
    first = settled(item("p", "1", source="a"))
    assert outcomes(settled(item("p", "b", "withdrawal"), known=first.labels)) == [Outcome.CONFLICTING]
    assert outcomes(settled(item("p", "a", "withdrawal"))) == [Outcome.REPEATED]


def test_after_a_withdrawal_a_label_is_the_first() -> None:
    out = settled(item("p", "1", source="a"), item("p", "a", "withdrawal"), item("p", "0", source="b"))
    assert outcomes(out) == [Outcome.JOINED, Outcome.WITHDRAWN, Outcome.JOINED]
    assert (out.labels["p", "label"].value, out.labels["p", "label"].revision, out.withdrawn) == ("0", 1, [])


def test_the_delay_of_a_corrected_label_is_not_known_any_more() -> None:
    first = settled(item("p", "1", source="a"), item("p", "0", "correction", source="a"))
    (change,) = settled(item("p", "a", "withdrawal"), known=first.labels).changes
    assert (change.label, change.delay) == ("0", None)


def told(*items: Feedback, back: str) -> Settled:
    """`items` were heard in steps before; now `back` is taken back."""
    first = settled(*items)
    waiting = [Parked("p", 0.0, item("p", back, "withdrawal"))]
    return settle(waiting, {"p": [SEEN]}, first.labels, Rules(read, 86_400.0), {"p": items})


def test_what_was_refused_behind_a_withdrawn_label_stands_again() -> None:
    out = told(
        item("p", "1", source="bad", at=START + 60.0),
        item("p", "0", source="b", at=START + 90.0, probability=0.5),
        item("p", "1", source="c", at=START + 95.0),
        back="bad",
    )
    assert set(outcomes(out)) == {Outcome.WITHDRAWN, Outcome.REINSTATED}
    assert out.changes == [
        Change(0, "1", -1, correction=True, delay=60.0, withdrawn=True),
        Change(0, "0", 1, correction=True, probability=0.5, delay=90.0, withdrawn=True),
    ]
    label = out.labels["p", "label"]
    assert (label.value, label.source, label.revision, out.withdrawn) == ("0", "b", 1, [])


def test_what_a_withdrawn_correction_had_replaced_stands_again_with_its_delay() -> None:
    out = told(
        item("p", "1", source="a", at=START + 60.0),
        item("p", "0", "correction", source="bad", at=START + 90.0),
        back="bad",
    )
    assert [(change.label, change.sign, change.delay) for change in out.changes] == [("0", -1, 60.0), ("1", 1, 60.0)]
    assert out.labels["p", "label"].revision == 1


def test_a_reward_behind_a_withdrawn_one_counts_and_withdrawn_words_stay_so() -> None:
    out = told(
        item("p", 2.0, "reward", source="bad"),
        item("p", 3.0, "reward", source="worse"),
        item("p", "worse", "withdrawal"),
        item("p", 0.0, "reward", source="good"),
        back="bad",
    )
    assert out.rewards == [Reward(0, -2_000_000, sign=-1), Reward(0, 0)]


def test_an_own_id_means_what_was_acknowledged_before_it() -> None:
    first, second = SEEN._replace(prediction_id="a", order=5), SEEN._replace(prediction_id="b", order=9, row=1)
    kept = SEEN._replace(prediction_id="k")

    def means(order: int, *found: Prediction) -> list[str]:
        one = Parked("t", 0.0, item("", "1", request_id="r"), order=order)
        return [prediction.prediction_id for prediction in meant(one, found)]

    assert means(7, second, first) == ["a"]
    assert means(10, first, second) == ["a", "b"]
    assert means(2, second, first) == means(-1, second, first) == ["a"]
    assert means(2, kept, first) == ["k"]
    assert means(7, kept, first, second) == ["k", "a"]
