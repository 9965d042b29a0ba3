from __future__ import annotations

import msgspec
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.gateway.protocol import decode_request, encode, json_fault

GOOD = b'{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[1]}],"id":"7","unknown":{"kept":"out"}}'


def test_a_request_is_read_and_what_is_unknown_is_ignored() -> None:
    request = decode_request(GOOD)
    assert (request.id, request.inputs[0].name, request.outputs) == ("7", "a", None)
    assert bytes(request.inputs[0].data) == b"[1]"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"{", "not valid JSON"),
        (b"[1]", "right structure"),
        (b"{}", "right structure"),
        (b'{"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":[NaN]}]}', "send null for a missing value"),
        (b"\x1f\x8b\x08\x00", "is compressed"),
        (b'{"id":"\xff","inputs":[]}', "not valid UTF-8"),
        (b'{"inputs":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "right structure"),
        (b'{"inputs":[],"parameters":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, "nested too deep"),
    ],
)
def test_what_is_no_request_is_refused_in_words(body: bytes, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        decode_request(body)
    assert says in str(caught.value)
    assert caught.value.hint


def test_a_fault_never_repeats_the_data() -> None:
    body = b'{"inputs": "my private words"}'
    with pytest.raises(BadInput) as caught:
        decode_request(body)
    assert "private" not in str(caught.value)
    assert "private" not in str(json_fault(body, msgspec.DecodeError("JSON is malformed"), "The body"))


def test_nan_is_encoded_as_null() -> None:
    assert encode({"a": float("nan")}) == b'{"a":null}'
