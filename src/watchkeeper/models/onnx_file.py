"""What an ONNX file refers to, read from its bytes without the onnx package.

An ONNX tensor may keep its values in another file (`TensorProto.external_data`). Such a reference could name any path
and is not covered by the artifact's digest, so it is refused before the bytes reach ONNX Runtime. Only the parts of
the protobuf that can lead to a tensor are walked: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

from collections.abc import Iterator

from watchkeeper.events.errors import BadInput

_TENSOR, _GRAPH, _NODE, _ATTRIBUTE, _SPARSE, _FUNCTION, _MODEL = range(7)
_CHILDREN: dict[int, dict[int, int]] = {
    _MODEL: {7: _GRAPH, 25: _FUNCTION},
    _FUNCTION: {7: _NODE},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _TENSOR: {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_DEPTH = 64


def refuse_external_data(data: bytes) -> None:
    """BadInput if a tensor's values lie outside the file, or if the bytes are not a readable ONNX model."""
    try:
        found = _has_external(memoryview(data), _MODEL, 0)
    except (IndexError, ValueError, RecursionError) as error:
        raise BadInput("The artifact is not a readable ONNX file.", hint="Export the model again.") from error
    if found:
        raise BadInput(
            "This ONNX file keeps weights in another file (external data), which its digest does not cover.",
            hint="Save it as one file: onnx.save_model(model, path, save_as_external_data=False).",
        )


def _has_external(message: memoryview, kind: int, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    for number, value in _fields(message):
        if kind == _TENSOR and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value == 1)):
            return True
        child = _CHILDREN[kind].get(number)
        if child is not None and isinstance(value, memoryview) and _has_external(value, child, depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of one protobuf message: (number, varint value or bytes)."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _varint(message, position)
            yield number, value
            continue
        if wire == _BYTES:
            length, position = _varint(message, position)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if position + length > len(message):
            raise ValueError("truncated")
        yield number, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("varint too long")
