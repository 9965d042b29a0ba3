"""Answers as status and JSON bytes; how they get on the wire is the skin's business."""

from __future__ import annotations

from typing import Any, NamedTuple

from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.gateway.catalogue import ServedVersion
from watchkeeper.gateway.protocol import InferRequest, InferResponse, OutputTensor, encode
from watchkeeper.models.predictor import Outputs


class Reply(NamedTuple):
    """Status, JSON body, and the prediction ID where there is one. `allow` lists the methods of a 405."""

    status: int
    body: bytes
    prediction_id: str | None = None
    allow: str | None = None


def json_reply(status: int, content: Any) -> Reply:
    """A reply whose body is `content` as JSON."""
    return Reply(status, encode(content))


def error_reply(error: WatchkeeperError, prediction_id: str | None = None) -> Reply:
    """The protocol's `{"error": …}` with the status of the error."""
    return Reply(error.status, encode({"error": _encodable(str(error))}), prediction_id)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def infer_body(served: ServedVersion, request: InferRequest, outputs: Outputs, count: int, prediction_id: str) -> bytes:
    """The JSON of an answer: the caller's id or else the prediction ID, and the outputs asked for (all, if none)."""
    shape = [count]
    tensors = [
        OutputTensor(output.name, shape, output.datatype, array.tolist())
        for output, array in zip(served.predictor.outputs, outputs, strict=True)
    ]
    if request.outputs:
        found = {tensor.name: tensor for tensor in tensors}
        tensors = [found[wanted.name] for wanted in request.outputs]
    return encode(
        InferResponse(
            served.model,
            served.version,
            request.id or prediction_id,
            {"prediction_id": prediction_id},
            tensors,
        )
    )
