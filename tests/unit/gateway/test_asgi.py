from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.helpers.serving import PEPPER, SumPredictor, ask, call, catalogue, gateway, infer_json, served
from watchkeeper.events.errors import Conflict
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.body import Headers
from watchkeeper.gateway.catalogue import Catalogue
from watchkeeper.gateway.limits import Limits
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.schema.truth import Truth

PATH = "/v2/models/m/infer"
GOOD = infer_json([[1, 2]])


async def feedback(model: str, body: bytes, headers: Headers, truth: Truth | None) -> bytes:
    if body == b"again":
        raise Conflict("That label is already another.", hint="Send a correction.")
    return b'{"accepted":1,"model":"' + model.encode() + b'"}'


async def console(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def test_before_the_first_catalogue_nothing_is_ready_and_nothing_is_a_500() -> None:
    made = Gateway(MemoryJournal(), pepper=PEPPER)
    assert ask(made, "GET", "/v2/health/ready").status == 503
    assert ask(made, "GET", "/v2/health/live").status == 200
    assert ask(made, "POST", PATH, GOOD).status == 404


def test_a_new_catalogue_is_served_from_the_next_request_on() -> None:
    made = gateway()
    assert ask(made, "POST", PATH, GOOD).json()["model_version"] == "1"
    made.publish(catalogue(served(version="1"), served(version="2")))
    assert ask(made, "POST", PATH, GOOD).json()["model_version"] == "2"
    assert ask(made, "POST", "/v2/models/m/versions/1/infer", GOOD).json()["model_version"] == "1"
    made.publish(Catalogue())
    assert ask(made, "POST", PATH, GOOD).status == 404
    assert made.catalogue == Catalogue()


def test_feedback_is_handed_on() -> None:
    made = gateway(feedback=feedback)
    assert ask(made, "POST", "/v2/models/m/feedback", b"{}").json() == {"accepted": 1, "model": "m"}
    answer = ask(made, "POST", "/v2/models/m/feedback", b"again")
    assert (answer.status, answer.json()["error"]) == (409, "That label is already another. Send a correction.")
    assert ask(made, "POST", "/v2/models/none/feedback", b"{}").status == 404
    assert ask(made, "GET", "/v2/models/m/feedback").status == 405
    assert (
        ask(gateway(feedback=feedback, limits=Limits(body_bytes=3)), "POST", "/v2/models/m/feedback", b"1234").status
        == 413
    )


def test_without_a_feedback_service_its_path_is_unknown() -> None:
    assert ask(gateway(), "POST", "/v2/models/m/feedback", b"{}").status == 404


@pytest.mark.parametrize("path", ["/", "/models/m", "/api/v1/openapi.json", "/v2x", "/metrics"])
def test_every_other_path_is_the_console_s(path: str) -> None:
    made = gateway(console=console)
    assert ask(made, "GET", path).body == path.encode()
    assert made.stats()["proxied"] == 1
    assert ask(gateway(), "GET", path).status == 404


def test_too_many_requests_at_once_are_told_to_come_again() -> None:
    gate = threading.Event()
    made = gateway(limits=Limits(in_flight=1))
    made.publish(catalogue(served(predictor=SumPredictor(gate=gate))))

    async def scenario() -> None:
        first = asyncio.ensure_future(call(made, "POST", PATH, GOOD))
        await asyncio.sleep(0.02)
        second = await call(made, "POST", PATH, GOOD)
        assert (second.status, second.headers["retry-after"]) == (503, "1")
        gate.set()
        assert (await first).status == 200

    asyncio.run(scenario())
    assert made.stats()["in_flight"] == 0


def test_a_fault_of_ours_is_a_500_in_the_protocol_s_form(caplog: pytest.LogCaptureFixture) -> None:
    made = gateway(feedback=lambda *_: 1 / 0)
    answer = ask(made, "POST", "/v2/models/m/feedback", b"{}")
    assert answer.status == 500
    assert list(answer.json()) == ["error"]
    assert "division" not in answer.json()["error"]
    assert "ZeroDivisionError" in caplog.text


def test_numbers_for_the_heartbeat() -> None:
    made = gateway()
    made.start()
    ask(made, "POST", PATH, GOOD)
    ask(made, "POST", PATH, b"{}")
    ask(made, "GET", "/v2/models/none")
    made.close(2)
    found = made.stats()
    assert found["received"] == 2
    assert found["answered"] == {"200": 1, "400": 1}
    assert found["recorded_rows"] == 2
    assert (found["unknown"], found["buffer_rows"], found["dropped"]) == (1, 0, {})


def test_lifespan_and_websockets_are_answered() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    def receiving(*types: str) -> Any:
        left = [{"type": kind} for kind in types]

        async def receive() -> Any:
            return left.pop(0)

        return receive

    made = gateway()
    asyncio.run(made({"type": "lifespan"}, receiving("lifespan.startup", "lifespan.shutdown"), send))
    asyncio.run(made({"type": "websocket"}, receiving("websocket.connect"), send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete", "websocket.close"]
