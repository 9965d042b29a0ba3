"""CloudEvents in every mode become the same feedback."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.events.feedback import Feedback
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.ingest.cloudevents import BATCHED, OWN, SELDON, STRUCTURED, feedback_body
from watchkeeper.ingest.feedback_body import Sent, parse_feedback

NOW = 1_700_000_000_000_000
ID = PredictionIdMinter(bytes).mint(NOW // 1000)
EVENT = {"specversion": "1.0", "id": "e1", "source": "claims", "type": OWN, "time": "2023-11-01T00:00:00Z"}
ITEM = {"prediction_id": "p", "label": 1}


def read(body: bytes, **headers: str) -> list[Feedback]:
    said = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return parse_feedback(feedback_body(said, body), Sent(NOW))


def binary(data: Any, **more: str) -> list[Feedback]:
    return read(json.dumps(data).encode(), **{f"ce_{name}": value for name, value in (EVENT | more).items()})


def test_a_body_without_an_event_is_left_alone() -> None:
    assert feedback_body([(b"content-type", b"application/json")], b"anything") == b"anything"


def test_every_mode_says_the_same() -> None:
    event = json.dumps({**EVENT, "data": ITEM}).encode()
    listed = json.dumps({**EVENT, "data": {"feedback": [ITEM]}}).encode()
    one = binary(ITEM)
    assert one == read(event, content_type=f"{STRUCTURED}; charset=utf-8") == read(listed, content_type=STRUCTURED)
    assert one == read(b"[" + event + b"]", content_type=BATCHED)
    assert (one[0].source, one[0].event_time) == ("claims", 1_698_796_800_000_000)


def test_data_may_come_as_base64() -> None:
    data = base64.b64encode(json.dumps(ITEM).encode()).decode()
    assert read(json.dumps({**EVENT, "data_base64": data}).encode(), content_type=STRUCTURED) == binary(ITEM)
    with pytest.raises(BadInput, match="no JSON"):
        read(json.dumps({**EVENT, "data_base64": "%"}).encode(), content_type=STRUCTURED)


def test_an_event_that_comes_again_is_the_same_feedback() -> None:
    ids = {binary(ITEM)[0].feedback_id, binary(ITEM)[0].feedback_id, binary(ITEM, id="e2")[0].feedback_id}
    assert len(ids) == 2


def test_seldon_feedback_labels_and_rewards_every_row() -> None:
    data = {"truth": {"data": {"ndarray": [[1], [0], [1]]}}, "reward": 0.0}
    found = binary(data, type=SELDON, requestid=ID)
    assert [(one.prediction_id, one.number) for one in found[:3]] == [(f"{ID}:0", 1), (f"{ID}:1", 0), (f"{ID}:2", 1)]
    assert [(one.kind.value, one.number) for one in found[3:]] == [("reward", 0.0)] * 3


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ({"tensor": {"shape": [2, 1], "values": [3, 4]}}, [3.0, 4.0]),
        ({"tensor": {"shape": [2, 3], "values": [0, 1, 0, 0, 0, 1]}}, [1.0, 2.0]),
        ({"ndarray": ["late"]}, ["late"]),
    ],
)
def test_truth_in_every_form(data: dict[str, Any], labels: list[Any]) -> None:
    found = binary({"truth": {"data": data}}, type=SELDON, requestid="order-7")
    assert [one.text if one.number is None else one.number for one in found] == labels
    assert {one.request_id for one in found} == {"order-7"}


@pytest.mark.parametrize(
    ("data", "more"),
    [
        (ITEM, {"type": "io.seldon.serving.inference.request"}),
        ({}, {"type": SELDON}),
        ([], {"type": SELDON}),
        ({"feedback": []}, {}),
        ({"truth": {"data": {"tensor": {"shape": [0], "values": []}}}}, {"type": SELDON}),
        ({"truth": {"data": {"tensor": {"shape": ["a", 1], "values": [1]}}}}, {"type": SELDON}),
        ({"truth": {"data": {"tensor": {"shape": [-1, 1], "values": [1]}}}}, {"type": SELDON}),
        ({"truth": {"data": {"tensor": {"shape": [2, 1], "values": [1, 2, 3]}}}}, {"type": SELDON}),
        ({"feedback": [ITEM, 5]}, {}),
        (7, {}),
    ],
)
def test_what_is_no_feedback_is_refused(data: Any, more: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        binary(data, **more)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"\xff"])
@pytest.mark.parametrize("kind", [STRUCTURED, BATCHED])
def test_what_cannot_be_read_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BadInput):
        read(body, content_type=kind)


def test_a_binary_event_without_an_id_is_refused() -> None:
    with pytest.raises(BadInput, match="id"):
        read(b"{}", ce_type=OWN, ce_source="s")
