"""What a rater is asked, and what is made of whatever it says."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.rating import (
    RaterFigures,
    Sheet,
    SheetLine,
    batch_size,
    in_order,
    is_for_people,
    read_answer,
)
from watchkeeper.performance.sampling import lowest

SHEET = Sheet(
    model="late", task="binary", classes=("0", "1"),
    requests=(SheetLine(prediction_id="a", inputs={"x": 1.5}, why="because", deadline=9.0),),
)  # fmt: skip


def test_a_sheet_is_plain_json_without_the_answer() -> None:
    assert json.loads(SHEET.body()) == {
        "model": "late",
        "task": "binary",
        "classes": ["0", "1"],
        "requests": [{"prediction_id": "a", "inputs": {"x": 1.5}, "why": "because", "deadline": 9.0}],
    }
    shown = msgspec.structs.replace(SHEET.requests[0], output={"probability": 0.9})
    other = msgspec.structs.replace(SHEET, requests=(shown,))
    assert json.loads(other.body())["requests"][0]["output"] == {"probability": 0.9}
    assert SHEET.key == msgspec.structs.replace(SHEET).key != other.key


def test_an_answer_is_sorted_into_what_it_says() -> None:
    labels = [
        {"prediction_id": "a", "label": 1, "confidence": 0.7},
        {"prediction_id": "b", "skip": "blurred" * 100},
        {"prediction_id": "z", "label": 1},
        {"prediction_id": "c"},
        {"prediction_id": "c", "label": 1, "skip": "both"},
        {"prediction_id": 7, "label": 1},
        {"prediction_id": "d", "label": [1]},
        "nonsense",
        {"prediction_id": "e", "label": True},
        {"prediction_id": "a", "label": "0"},
    ]
    found = read_answer(json.dumps({"labels": labels}).encode(), ["a", "b", "c", "d", "e"])
    assert found.labels == (("a", 1), ("e", True), ("a", "0"))
    assert found.skipped.keys() == {"b"}
    assert len(found.skipped["b"]) == 200
    assert (found.unasked, found.unread) == (1, 5)


@pytest.mark.parametrize(
    "body", [b"", b"1\n", b"garbage", b'{"labels": 1}', b'{"label": []}', b"\xff\xfe", b"[" * 10_000]
)
def test_what_is_no_answer_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="not the JSON"):
        read_answer(body, ["a"])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: json.dumps({"labels": [text]}).encode()))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    try:
        found = read_answer(body, ["a"])
    except BadInput:
        return
    assert {name for name, _ in found.labels} <= {"a"}


def test_a_random_share_is_left_to_people_whatever_was_drawn_to_be_asked() -> None:
    names = [f"p-{number}" for number in range(20_000)]
    drawn = lowest(names, 4000)
    for share in (0.0, 0.05, 1.0):
        left = sum(is_for_people(name, share) for name in drawn) / len(drawn)
        assert left == pytest.approx(share, abs=0.015)


def test_those_that_failed_are_asked_behind_the_others_and_fewer_at_a_time() -> None:
    assert [batch_size(20, tries) for tries in (0, 1, 2, 5, 99)] == [20, 10, 5, 1, 1]
    ids = [f"p{number}" for number in range(6)]
    assert in_order(ids, {"p0": 1, "p1": 1}, 3) == ["p2", "p3", "p4"]
    assert in_order(ids[:2], {"p0": 1, "p1": 1}, 2) == ["p0"]
    assert in_order([], {}, 3) == []


def test_figures_are_read_from_a_heartbeat() -> None:
    figures = RaterFigures(how="the program rate.py", check=0.05, sees_answer=False, models=("late",), failures=2)
    stats = json.loads(json.dumps(msgspec.structs.asdict(figures) | {"cpu_seconds": 1.0}))
    assert RaterFigures.read(stats) == figures
    assert RaterFigures.read({}) is None
