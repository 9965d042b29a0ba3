from __future__ import annotations

import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.models.inspect import detect_runtime

ONNX = b"\x08\x08\x12\x08skl2onnx"


@pytest.mark.parametrize(
    ("name", "data", "runtime"),
    [
        ("m.onnx", ONNX, "onnx"),
        ("m", ONNX, "onnx"),
        ("M.ONNX", ONNX, "onnx"),
        ("m.pkl", b"\x80\x04\x95", "sklearn"),
        ("m.joblib", b"x\x9c compressed", "sklearn"),
        ("m.bin", b"\x80\x05\x95", "sklearn"),
        ("m.txt", b"tree\nversion=v4\n", "lightgbm"),
        ("m", b"tree\r\nversion=v4\r\n", "lightgbm"),
        ("m.json", b'{"learner":{}}', "xgboost"),
        ("m.ubj", b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner", "xgboost"),
        ("m.py", b"class M: ...", "pyclass"),
    ],
)
def test_the_runtime_is_told_by_content_and_suffix(name: str, data: bytes, runtime: str) -> None:
    assert detect_runtime(name, data) == runtime


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("m.h5", b"\x89HDF", "not an artifact that Watchkeeper knows"),
        ("m.txt", b"some words", "not an artifact that Watchkeeper knows"),
        ("m.json", b'{"a":1}', "not an artifact that Watchkeeper knows"),
        ("m", b"", "not an artifact that Watchkeeper knows"),
        ("m.onnx", b"\x80\x04\x95", "named like onnx but its content is sklearn"),
        ("m.pkl", ONNX, "named like sklearn but its content is onnx"),
        ("m.txt", b"\x80\x04\x95", "named like lightgbm but its content is sklearn"),
    ],
)
def test_what_is_unknown_or_contradicts_itself_is_refused(name: str, data: bytes, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        detect_runtime(name, data)
    assert says in str(caught.value)
    assert ".joblib" in caught.value.hint
