"""Which feedback counts, and what is left without one source."""

from __future__ import annotations

import pytest

from tests.helpers.feedback import item
from tests.helpers.watching import START
from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback
from watchkeeper.events.outcomes import Outcome
from watchkeeper.watch.precedence import Prediction, Standing, delay_of, label_of, refusal, standing

AT = START * 1_000_000
SEEN = Prediction(0, "p", "1", "live", AT, AT, True)


def read(_: Prediction, feedback: Feedback) -> float | str:
    if feedback.text == "bad":
        raise BadInput("no such class")
    return feedback.number if feedback.number is not None else feedback.text or ""


def left(*heard: Feedback) -> dict[str, Standing]:
    return standing(heard, SEEN, read)


@pytest.mark.parametrize(
    ("kind", "value", "refused"),
    [
        ("label", "1", Outcome.REPEATED),
        ("correction", "1", Outcome.REPEATED),
        ("label", "0", Outcome.CONFLICTING),
        ("correction", "0", None),
    ],
)
def test_what_takes_the_place_of_a_label(kind: str, value: str, refused: Outcome | None) -> None:
    old = label_of(item("p", "1"), SEEN, "1", None)
    assert refusal(item("p", value, kind), value, old) is refused
    assert refusal(item("p", value, kind), value, None) is None


def test_what_stands_remembers_its_first_label() -> None:
    found = left(
        item("p", "bad", at=START + 10.0),
        item("p", "1", at=START + 60.0, probability=0.5),
        item("p", "0", at=START + 70.0),
        item("p", "0", "correction", at=START + 80.0, source="s"),
        item("p", 2.0, "reward"),
    )
    assert found.keys() == {"label", "reward"}
    stands = found["label"]
    assert (stands.first, stands.delay) == ("1", 60.0)
    assert (stands.label.value, stands.label.revision, stands.label.source) == ("0", 2, "s")
    assert stands.label.probability == 0.5


def test_a_withdrawal_takes_back_what_came_before_it_only() -> None:
    words = [item("p", "1", source="s"), item("p", "0", source="t"), item("p", "s", "withdrawal")]
    assert left(*words)["label"].label.source == "t"
    again = item("p", "1", "correction", source="s")
    assert left(*words, again)["label"].label.value == "1"
    assert left(*words, again, item("p", "t", "withdrawal"))["label"].label.revision == 1
    assert left(item("p", "1"), item("p", "", "withdrawal")) == {}


def test_delays_go_by_the_clock_where_the_prediction_was_live() -> None:
    replayed = SEEN._replace(received_at=AT + 9 * 86_400_000_000)
    assert delay_of(AT + 5_000_000, AT + 60_000_000, SEEN) == 60.0
    assert delay_of(AT + 5_000_000, AT + 60_000_000, replayed) == 5.0
    assert delay_of(AT, AT - 60_000_000, SEEN) == 0.0
