from __future__ import annotations

import msgspec
import numpy as np

from tests.helpers.serving import served
from watchkeeper.events.errors import NotFound
from watchkeeper.gateway.protocol import InferRequest, WantedOutput
from watchkeeper.gateway.reply import error_reply, infer_body, json_reply

M = served()
OUTPUTS = (np.array([1]), np.array([np.nan]))


def test_an_error_is_its_text_and_status() -> None:
    reply = error_reply(NotFound("No model.", hint="Register one."), "id")
    assert (reply.status, reply.body, reply.prediction_id) == (404, b'{"error":"No model. Register one."}', "id")


def test_an_error_with_half_a_surrogate_can_still_be_sent() -> None:
    assert error_reply(NotFound("a\ud800b")).body == b'{"error":"a?b"}'


def test_the_caller_s_id_is_echoed_and_nan_becomes_null() -> None:
    body = msgspec.json.decode(infer_body(M, InferRequest([], id="mine"), OUTPUTS, 1, "p"))
    assert (body["id"], body["parameters"]) == ("mine", {"prediction_id": "p"})
    assert body["outputs"][1]["data"] == [None]


def test_an_empty_id_is_no_id() -> None:
    assert msgspec.json.decode(infer_body(M, InferRequest([], id=""), OUTPUTS, 1, "p"))["id"] == "p"


def test_outputs_come_in_the_order_asked_for() -> None:
    request = InferRequest([], outputs=[WantedOutput("probability"), WantedOutput("label")])
    body = msgspec.json.decode(infer_body(M, request, OUTPUTS, 1, "p"))
    assert [output["name"] for output in body["outputs"]] == ["probability", "label"]


def test_any_content_is_encoded() -> None:
    assert json_reply(201, {"a": [1]}).body == b'{"a":[1]}'
