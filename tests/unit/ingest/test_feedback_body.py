"""Feedback bodies: what is read, what is refused and in which words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.ingest.feedback_body import BadFeedback, Key, Sent, parse_feedback
from watchkeeper.schema.truth import Truth

NOW = 1_700_000_000_000_000


def parsed(*items: Any) -> list[Feedback]:
    return parse_feedback(json.dumps({"feedback": list(items)}).encode(), Sent(NOW))


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (1, 1.0, None),
        (0.25, 0.25, None),
        ("late", None, "late"),
        (True, None, "true"),
        (False, None, "false"),
        ("", None, ""),
    ],
)
@pytest.mark.parametrize("name", ["label", "value"])
def test_a_value_is_a_number_a_text_or_a_boolean(name: str, value: Any, number: float | None, text: str | None) -> None:
    (found,) = parsed({"prediction_id": "p", name: value})
    assert (found.number, found.text) == (number, text)
    assert found.kind is FeedbackKind.LABEL
    assert (found.event_time, found.receive_time) == (NOW, NOW)


def test_everything_can_be_said() -> None:
    (found,) = parsed(
        {
            "prediction_id": "p:3",
            "value": 0,
            "kind": "correction",
            "event_time": "2013-06-01T12:00:00Z",
            "feedback_id": "mine",
            "source": "claims",
        }
    )
    assert (found.feedback_id, found.kind, found.source) == ("mine", FeedbackKind.CORRECTION, "claims")
    assert found.event_time == 1_370_088_000_000_000


def test_the_same_item_has_the_same_id_and_another_has_another() -> None:
    item = {"prediction_id": "p", "label": 1}
    later = parse_feedback(json.dumps({"feedback": [item]}).encode(), Sent(NOW + 5))[0]
    assert parsed(item)[0].feedback_id == later.feedback_id
    others = [item | {"label": 2}, item | {"label": "1"}, item | {"kind": "reward"}, item | {"event_time": 5}]
    others += [item | {"prediction_id": "q"}, item | {"source": "s"}]
    assert len({parsed(other)[0].feedback_id for other in [item, *others]}) == 7


def test_a_correction_without_a_time_is_another_in_each_request() -> None:
    item = {"prediction_id": "p", "label": 1, "kind": "correction"}

    def named(item: dict[str, Any], now: int) -> str:
        return parse_feedback(json.dumps(item).encode(), Sent(now))[0].feedback_id

    assert named(item, NOW) != named(item, NOW + 1)
    assert len({one.feedback_id for one in parsed(item, item)}) == 1
    for more in ({"event_time": 5}, {"feedback_id": "mine"}):
        assert named(item | more, NOW) == named(item | more, NOW + 1)


def test_no_feedback_at_all_is_fine() -> None:
    assert parsed() == []


@pytest.mark.parametrize(
    "item",
    [
        {},
        [],
        None,
        7,
        {"prediction_id": "p"},
        {"prediction_id": "", "label": 1},
        {"prediction_id": 5, "label": 1},
        {"prediction_id": "x" * 129, "label": 1},
        {"prediction_id": "a\0b", "label": 1},
        {"prediction_id": "p\n", "label": 1},
        {"request_id": "\x1fa", "label": 1},
        {"prediction_id": "p", "feedback_id": "a\0b", "label": 1},
        {"prediction_id": "p", "label": 1, "value": 1},
        {"prediction_id": "p", "label": None},
        {"prediction_id": "p", "label": [1]},
        {"prediction_id": "p", "label": {"a": 1}},
        {"prediction_id": "p", "label": "x" * 10_001},
        {"prediction_id": "p", "label": 1, "kind": "rumour"},
        {"prediction_id": "p", "value": 1, "kind": "withdrawal"},
        {"prediction_id": "p", "label": 1, "event_time": "yesterday"},
        {"prediction_id": "p", "label": 1, "event_time": -5},
        {"prediction_id": "p", "label": 1, "event_time": True},
        {"prediction_id": "p", "label": 1, "source": "x" * 201},
        {"prediction_id": "p", "label": 1, "feedback_id": ""},
        {"prediction_id": "p", "label": 1, "colour": "red"},
    ],
)
def test_a_wrong_item_is_named_and_nothing_is_kept(item: Any) -> None:
    good = {"prediction_id": "p", "label": 1}
    with pytest.raises(BadFeedback, match="1 of 3 feedback items are wrong, so none was kept: item 1: ") as caught:
        parsed(good, item, good)
    assert list(caught.value.items) == [1]
    assert caught.value.status == 400


def test_of_many_wrong_items_a_few_are_shown_and_all_are_listed() -> None:
    with pytest.raises(BadFeedback, match="and 15 more") as caught:
        parsed(*[{}] * 20)
    assert len(caught.value.items) == 20


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"feedback": 1}',
        b'{"feedback": [], "more": 1}',
        b"\xff\xfe",
        b'{"feedback": [NaN]}',
        b"[" * 100_000,
        b'{"feedback": ' + b"[" * 100_000,
        b'{"feedback": [{"prediction_id": "p", "label": 1e999}]}',
        b'{"feedback": [{"prediction_id": "\\ud800", "label": 1}]}',
        b'{"feedback": [{"prediction_id": "p", "label": ' + b"9" * 5000 + b"}]}",
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        parse_feedback(body, Sent(NOW))


def test_there_is_a_limit_of_items() -> None:
    with pytest.raises(TooLarge, match="1001 feedback items"):
        parsed(*[{"prediction_id": "p", "label": 1}] * 1001)
    assert len(parsed(*[{"prediction_id": str(k), "label": 1} for k in range(1000)])) == 1000


def test_lists_of_labels_are_read_no_further_than_a_request_may_go() -> None:
    lists = [{"request_id": f"r-{k}", "labels": [1] * 600} for k in range(2)]
    assert len(parsed(lists[0])) == 600
    with pytest.raises(TooLarge, match="More than 1000 labels"):
        parsed(*lists, {"label": "what follows is not read"})


def test_errors_are_plain_text() -> None:
    with pytest.raises(BadFeedback) as caught:
        parsed({"prediction_id": "p", "label": "\N{PILE OF POO}", "kind": 3})
    assert msgspec.json.encode(str(caught.value))


def test_one_item_needs_no_list() -> None:
    (found,) = parse_feedback(b'{"prediction_id": "p", "label": 1}', Sent(NOW))
    assert (found.prediction_id, found.number) == ("p", 1.0)


def test_a_prediction_may_be_named_by_the_callers_own_id() -> None:
    first, second = parsed({"request_id": "o-1", "label": 1}, {"request_id": "o-1", "row": 2, "label": 1})
    assert (first.prediction_id, first.request_id, first.row) == ("", "o-1", 0)
    assert second.row == 2
    assert first.feedback_id != second.feedback_id


def test_labels_are_one_for_each_row_of_a_request() -> None:
    found = parsed({"prediction_id": "p", "labels": [1, None, "x"]}, {"request_id": "o", "labels": [0, True]})
    assert [(one.prediction_id, one.row) for one in found] == [("p:0", None), ("p:2", None), ("", 0), ("", 1)]
    assert parsed({"prediction_id": "p", "labels": [1]})[0].prediction_id == "p"
    twice = parsed({"prediction_id": "p", "labels": [1, 1], "feedback_id": "mine"})
    assert [one.feedback_id for one in twice] == ["mine:0", "mine:1"]


def test_a_key_is_looked_up() -> None:
    asked: list[Key] = []

    def find(key: Key) -> str:
        asked.append(key)
        if key.features["tail"] == "none":
            raise BadInput("No prediction in that time has this key.")
        return "found"

    item = {"key": {"tail": "N1"}, "predicted_from": "2023-11-01", "predicted_to": "2023-11-02", "label": 1}
    body = json.dumps(item).encode()
    assert parse_feedback(body, Sent(NOW, find=find))[0].prediction_id == "found"
    assert asked[0].end - asked[0].start == 86_400_000_000
    with pytest.raises(BadFeedback, match="No prediction in that time") as caught:
        parse_feedback(json.dumps({**item, "key": {"tail": "none"}}).encode(), Sent(NOW, find=find))
    assert caught.value.reasons == {"feedback_no_prediction": 1}
    with pytest.raises(BadFeedback, match="not looked up by key here"):
        parse_feedback(body, Sent(NOW))


BINARY = Truth("binary", ("0", "1"))
NUMBER = Truth("regression", ())


@pytest.mark.parametrize(
    ("truth", "said", "reason", "words"),
    [
        (BINARY, {"label": "late"}, "feedback_not_a_label", "none of the model's classes"),
        (BINARY, {"label": 2}, "feedback_not_a_label", "none of the model's classes"),
        (NUMBER, {"label": "late"}, "feedback_not_a_label", "predicts a number"),
        (NUMBER, {"label": True}, "feedback_not_a_label", "predicts a number"),
        (None, {"value": "good", "kind": "reward"}, "feedback_not_a_label", "a reward is a number"),
        (None, {"value": 1e16, "kind": "reward"}, "feedback_not_a_label", "a reward is a number"),
        (None, {"label": 1, "event_time": "2023-11-16T23:00:00Z"}, "feedback_in_future", "hours in the future"),
        (None, {"label": 1, "probability": 0}, "feedback_malformed", "probability must lie"),
        (None, {"label": 1, "request_id": "o"}, "feedback_malformed", "exactly one of prediction_id"),
        (None, {"label": 1, "row": 1}, "feedback_malformed", "row goes with request_id"),
        (None, {"label": 1, "labels": [1]}, "feedback_malformed", "exactly one of label, value and labels"),
    ],
)
def test_what_the_model_cannot_have_is_refused_in_words(
    truth: Truth | None, said: dict[str, Any], reason: str, words: str
) -> None:
    with pytest.raises(BadFeedback, match=words) as caught:
        parse_feedback(json.dumps({"prediction_id": "p", **said}).encode(), Sent(NOW, truth=truth))
    assert caught.value.reasons == {reason: 1}


def test_clocks_may_differ_by_hours() -> None:
    (found,) = parsed({"prediction_id": "p", "label": 1, "event_time": "2023-11-15T12:00:00Z"})
    assert found.event_time > NOW


def test_decisions_and_corrections_follow_their_own_rules() -> None:
    body = {"feedback": [{"prediction_id": "p", "value": "deny", "kind": "decision"}]}
    assert parse_feedback(json.dumps(body).encode(), Sent(NOW, truth=BINARY))[0].text == "deny"
    body = {"feedback": [{"prediction_id": "p", "value": "deny", "kind": "correction"}]}
    with pytest.raises(BadFeedback):
        parse_feedback(json.dumps(body).encode(), Sent(NOW, truth=BINARY))


def test_the_sender_is_the_source_of_what_names_none() -> None:
    body = {"feedback": [{"prediction_id": "p", "label": 1}, {"prediction_id": "q", "label": 1, "source": "claims"}]}
    found = parse_feedback(json.dumps(body).encode(), Sent(NOW, source="token:12"))
    assert [one.source for one in found] == ["token:12", "claims"]
