"""Feedback bodies: what is read, what is refused and in which words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.ingest.feedback_body import BadFeedback, parse_feedback

NOW = 1_700_000_000_000_000


def parsed(*items: Any) -> list[Feedback]:
    return parse_feedback(json.dumps({"feedback": list(items)}).encode(), NOW)


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
    later = parse_feedback(json.dumps({"feedback": [item]}).encode(), NOW + 5)[0]
    assert parsed(item)[0].feedback_id == later.feedback_id
    others = [item | {"label": 2}, item | {"label": "1"}, item | {"kind": "reward"}, item | {"event_time": 5}]
    others.append(item | {"prediction_id": "q"})
    assert len({parsed(other)[0].feedback_id for other in [item, *others]}) == 6


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
        {"prediction_id": "p", "label": 1, "value": 1},
        {"prediction_id": "p", "label": None},
        {"prediction_id": "p", "label": [1]},
        {"prediction_id": "p", "label": {"a": 1}},
        {"prediction_id": "p", "label": "x" * 10_001},
        {"prediction_id": "p", "label": 1, "kind": "rumour"},
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
        parse_feedback(body, NOW)


def test_there_is_a_limit_of_items() -> None:
    with pytest.raises(TooLarge, match="1001 feedback items"):
        parsed(*[{"prediction_id": "p", "label": 1}] * 1001)
    assert len(parsed(*[{"prediction_id": str(k), "label": 1} for k in range(1000)])) == 1000


def test_errors_are_plain_text() -> None:
    with pytest.raises(BadFeedback) as caught:
        parsed({"prediction_id": "p", "label": "\N{PILE OF POO}", "kind": 3})
    assert msgspec.json.encode(str(caught.value))
