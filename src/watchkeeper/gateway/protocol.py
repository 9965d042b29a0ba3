"""The JSON of the Open Inference Protocol, version 2, as records.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
Tensor data stay raw bytes until the datatype is known, so that each tensor is parsed once, into its own type.
"""

from __future__ import annotations

from typing import Any

import msgspec

from watchkeeper.events.errors import BadInput


class Tensor(msgspec.Struct):
    """One input tensor of a request."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw(b"")
    parameters: dict[str, Any] | None = None


class WantedOutput(msgspec.Struct):
    """One output that the client asks for."""

    name: str
    parameters: dict[str, Any] | None = None


class InferRequest(msgspec.Struct):
    """The body of an infer request."""

    inputs: list[Tensor]
    id: str | None = None
    parameters: dict[str, Any] | None = None
    outputs: list[WantedOutput] | None = None


class OutputTensor(msgspec.Struct):
    """One output tensor of a response."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]


class InferResponse(msgspec.Struct):
    """The body of an answer."""

    model_name: str
    model_version: str
    id: str
    parameters: dict[str, Any]
    outputs: list[OutputTensor]


class ErrorBody(msgspec.Struct):
    """The body of every failure."""

    error: str


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(InferRequest).decode
_SHAPE = '{"inputs": [{"name": …, "shape": [rows, columns], "datatype": "FP64", "data": […]}]}'


def decode_request(body: bytes) -> InferRequest:
    """The request in `body`. BadInput says where the JSON or its structure is wrong."""
    try:
        return _decode(body)
    except (ValueError, RecursionError) as error:
        raise json_fault(body, error, "The request body") from error


def json_fault(body: bytes, error: Exception, what: str) -> BadInput:
    """BadInput for what msgspec said of `body`: never the data itself, which may be private."""
    if isinstance(error, RecursionError):
        return BadInput(f"{what} is nested too deep.", hint="Tensors have at most 2 dimensions.")
    if isinstance(error, msgspec.ValidationError):
        return BadInput(f"{what} does not have the right structure: {error}.", hint=f"Send {_SHAPE}.")
    if isinstance(error, UnicodeDecodeError):
        return BadInput(f"{what} is not valid UTF-8.", hint="Encode the JSON as UTF-8.")
    if not body.strip():
        return BadInput(f"{what} is empty.", hint=f"Send {_SHAPE}.")
    return BadInput(f"{what} is not valid JSON: {error}.", hint=_json_hint(body))


def _json_hint(body: bytes) -> str:
    if b"NaN" in body or b"Infinity" in body:
        return "JSON has no NaN or Infinity: send null for a missing value."
    if body[:2] == b"\x1f\x8b":
        return "The body is compressed: send it as it is."
    return "Check it with a JSON validator."
