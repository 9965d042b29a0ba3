"""The client against a gateway in process, and against servers that fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from tests.helpers.serving import ask, gateway
from watchkeeper.client.client import TRIES, Client
from watchkeeper.events.arrow import decode_batch
from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.ingest.feedback import FeedbackIntake
from watchkeeper.journal.memory import MemoryJournal


def client_of(app: Gateway) -> Client:
    """A client whose requests are answered by `app` without sockets."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
        found = ask(app, request.method, request.url.path, request.content, **headers)
        return httpx.Response(found.status, content=found.body)

    return Client("http://test", "secret", source="tests", transport=httpx.MockTransport(answer))


def failing(answer: Callable[[httpx.Request], httpx.Response], slept: list[float]) -> Client:
    return Client("http://test", transport=httpx.MockTransport(answer), sleep=slept.append)


def test_predict_and_say_what_came_of_it() -> None:
    journal = MemoryJournal()
    with client_of(gateway(journal, feedback=FeedbackIntake(journal))) as client:
        first, second = client.predict("m", [{"age": 1, "size": 2}, {"age": -9, "size": 2}], version="1")
        assert (first.outputs["label"], second.outputs["label"]) == (1, 0)
        (alone,) = client.predict("m", {"age": 1, "size": 2}, request_id="order-1")
        client.label("m", first.prediction_id, 1)
        client.correct("m", first.prediction_id, 0)
        client.reward("m", second.prediction_id, 0.5)
        client.decide("m", alone.prediction_id, "refund")
    rows = [row for entry in journal.read(0, 100) for row in decode_batch(entry.payload).to_pylist() if "kind" in row]
    assert [row["kind"] for row in rows] == ["label", "correction", "reward", "decision"]
    assert [row["prediction_id"] for row in rows[:3]] == [
        first.prediction_id,
        first.prediction_id,
        second.prediction_id,
    ]
    assert {row["source"][:6] for row in rows} == {"token:"}


def test_what_the_server_refuses_is_raised_as_what_it_is() -> None:
    journal = MemoryJournal()
    with client_of(gateway(journal, feedback=FeedbackIntake(journal))) as client:
        with pytest.raises(NotFound, match="no model"):
            client.predict("nobody", {"age": 1})
        with pytest.raises(BadInput, match="none of the model's classes"):
            client.label("m", "p", "tuesday")


def test_wrong_items_do_not_keep_right_ones_out() -> None:
    journal = MemoryJournal()
    items = [{"prediction_id": f"p{k}", "label": 7 if k in (3, 1500) else 1} for k in range(2100)]
    with client_of(gateway(journal, feedback=FeedbackIntake(journal))) as client:
        kept, faults = client.feedback_sifted("m", items)
        assert (kept, sorted(faults)) == (2098, [3, 1500])
        assert client.feedback("m", items[:3]) == 3


def test_feedback_is_sent_again_and_predictions_are_not() -> None:
    slept: list[float] = []
    answers = iter([503, 429, 200])

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(next(answers), content=b'{"accepted": 1, "durable": true, "error": "busy"}')

    failing(answer, slept).label("m", "p", 1)
    assert slept == [0.2, 0.4]
    with pytest.raises(Unavailable, match="busy"):
        failing(lambda _: httpx.Response(503, content=b'{"error": "busy"}'), slept).predict("m", {"age": 1})
    assert len(slept) == 2


def test_a_server_that_stays_away_is_said() -> None:
    slept: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(Unavailable, match="cannot be reached"):
        failing(answer, slept).label("m", "p", 1)
    assert len(slept) == TRIES - 1


def test_performance_is_asked_for_with_its_parameters() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, content=msgspec.json.encode({"windows": []}))

    assert failing(answer, []).performance("m", window="6h") == {"windows": []}
    assert asked == ["http://test/api/v1/models/m/performance?window=6h"]


def test_an_answer_that_is_no_json_is_still_an_error() -> None:
    with pytest.raises(Exception, match="answered 502"):
        failing(lambda _: httpx.Response(502, content=b"<html>"), []).performance("m")


def test_what_a_source_said_is_taken_back_page_by_page() -> None:
    names, sent = [f"p{k}" for k in range(5)], []
    waiting: list[dict[str, Any]] = [
        {"number": 3, "prediction_id": "w", "request_id": None, "row": None},
        {"number": 9, "prediction_id": None, "request_id": "r", "row": 2},
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            asked = dict(request.url.params)
            assert (asked["source"], asked["since"]) == ("bad", "2024-01-01")
            if "waiting_after" in asked:
                parked = [one for one in waiting if one["number"] > int(asked["waiting_after"])]
                return httpx.Response(200, json={"waiting": parked[:1]})
            rest = [name for name in names if name > asked["after"]]
            return httpx.Response(200, json={"predictions": rest[:3]})
        items = msgspec.json.decode(request.content)["feedback"]
        sent.extend(items)
        return httpx.Response(200, json={"accepted": len(items)})

    assert failing(answer, []).withdraw("m", "bad", "2024-01-01") == 7
    assert [item["prediction_id"] for item in sent[:6]] == [*names, "w"]
    assert (sent[6]["request_id"], sent[6]["row"]) == ("r", 2)
    assert {(item["kind"], item["value"]) for item in sent} == {("withdrawal", "bad")}
    assert len({item["feedback_id"] for item in sent}) == 7


def test_a_correction_is_the_same_however_often_it_is_sent_and_another_the_next_time() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        (item,) = msgspec.json.decode(request.content)["feedback"]
        sent.append(item.get("feedback_id", ""))
        return httpx.Response(503) if len(sent) == 1 else httpx.Response(200, json={"accepted": 1})

    client = failing(answer, [])
    client.correct("m", "p", 1)
    client.correct("m", "p", 1)
    assert sent[0] == sent[1] != sent[2]
    client.correct("m", "p", 1, feedback_id="mine")
    client.label("m", "p", 1)
    assert sent[3:] == ["mine", ""]
