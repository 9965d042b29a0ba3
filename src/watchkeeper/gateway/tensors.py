"""A tensor's raw JSON data to a NumPy array, strictly by its datatype.

null stands for a missing value: NaN for numbers and booleans, None for texts. JSON carries no NaN, so in what was
captured NaN always means missing. Data may be flat (row-major) or nested as the shape says.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.protocol import Tensor, json_fault


class Kind(NamedTuple):
    """How data of one datatype are parsed, flat and nested, and into which NumPy type."""

    flat: msgspec.json.Decoder[Any]
    nested: msgspec.json.Decoder[Any]
    dtype: type[Any]


def _kind(item: Any, dtype: type[Any]) -> Kind:
    flat: Any = list[item | None]
    return Kind(msgspec.json.Decoder(flat), msgspec.json.Decoder(list[flat]), dtype)


def _integer(bits: int, *, signed: bool) -> Kind:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    high = min(high, 2**63 - 1)
    return _kind(Annotated[int, Meta(ge=low, le=high)], np.float64)


KINDS: dict[str, Kind] = {
    "BOOL": _kind(bool, np.float64),
    "UINT8": _integer(8, signed=False),
    "UINT16": _integer(16, signed=False),
    "UINT32": _integer(32, signed=False),
    "UINT64": _integer(64, signed=False),
    "INT8": _integer(8, signed=True),
    "INT16": _integer(16, signed=True),
    "INT32": _integer(32, signed=True),
    "INT64": _integer(64, signed=True),
    "FP16": _kind(float, np.float64),
    "FP32": _kind(float, np.float64),
    "FP64": _kind(float, np.float64),
    "BYTES": _kind(str, object),
}
_OPEN = ord("[")
_SPACE = b" \t\r\n"


def tensor_array(tensor: Tensor, limits: Limits) -> NDArray[Any]:
    """The tensor's values, in the tensor's shape (1-D or 2-D). BadInput names the tensor and what was expected."""
    kind = KINDS.get(tensor.datatype)
    if kind is None:
        raise BadInput(
            f"Input {shown(tensor.name)} has datatype {shown(tensor.datatype)}.", hint=f"Use one of {', '.join(KINDS)}."
        )
    shape = tensor.shape
    elements = _elements(tensor, limits)
    raw = memoryview(tensor.data)
    nested = len(raw) > 1 and _is_nested(raw)
    try:
        data = (kind.nested if nested else kind.flat).decode(raw)
    except (ValueError, RecursionError) as error:
        raise _data_fault(tensor, bytes(raw), error) from error
    if nested:
        _check_nesting(tensor, data)
        if len(shape) == 1:
            data = [row[0] for row in data]
    elif len(data) != elements:
        raise BadInput(
            f"Input {shown(tensor.name)} has shape {shape}, so {elements} values, but its data hold {len(data)}.",
            hint="Make shape and data agree.",
        )
    if kind.dtype is object:
        return _texts(tensor, data, limits)
    array = np.array(data, dtype=np.float64)
    return array if nested else array.reshape(shape)


def shown(name: str) -> str:
    """A client's word as an error may repeat it: quoted and short."""
    return repr(name[:80])


def _elements(tensor: Tensor, limits: Limits) -> int:
    shape = tensor.shape
    if not 1 <= len(shape) <= 2:
        raise BadInput(
            f"Input {shown(tensor.name)} has {len(shape)} dimensions.", hint="Use shape [rows] or [rows, columns]."
        )
    elements = shape[0] if len(shape) == 1 else shape[0] * shape[1]
    if min(shape) < 1:
        raise BadInput(
            f"Input {shown(tensor.name)} has shape {_short(shape)}.",
            hint="Send at least one row, and no negative size.",
        )
    if elements > limits.elements:
        raise TooLarge(
            f"Input {shown(tensor.name)} has {_short([elements])[1:-1]} values, more than {limits.elements}.",
            hint="Send the rows in several requests.",
        )
    return elements


def _short(sizes: list[int]) -> str:
    return str([size if abs(size) < 10**18 else float("inf") for size in sizes])


def _is_nested(raw: memoryview) -> bool:
    """Whether the first thing in the array is another array."""
    if raw[0] != _OPEN:
        return False
    for byte in raw[1:]:
        if byte not in _SPACE:
            return byte == _OPEN
    return False


def _check_nesting(tensor: Tensor, data: list[list[Any]]) -> None:
    rows, width = tensor.shape[0], tensor.shape[1] if len(tensor.shape) == 2 else 1
    if len(data) != rows:
        raise BadInput(
            f"Input {shown(tensor.name)} has shape {tensor.shape}, but its data hold {len(data)} rows.",
            hint="Make shape and data agree.",
        )
    for index, row in enumerate(data):
        if len(row) != width:
            raise BadInput(
                f"Input {shown(tensor.name)}: row {index} of its data has {len(row)} values instead of {width}.",
                hint="Make shape and data agree; every row has the same length.",
            )


def _texts(tensor: Tensor, data: list[Any], limits: Limits) -> NDArray[Any]:
    array = np.empty(tensor.shape, dtype=object)
    array[...] = np.array(data, dtype=object).reshape(tensor.shape)
    for text in array.flat:
        if text is not None and len(text) > limits.text_bytes:
            raise TooLarge(
                f"Input {shown(tensor.name)} holds a text of {len(text)} characters, more than {limits.text_bytes}.",
                hint="Shorten it.",
            )
    return array


def _data_fault(tensor: Tensor, raw: bytes, error: Exception) -> BadInput:
    if not raw:
        return BadInput(
            f"Input {shown(tensor.name)} has no data.",
            hint='Send "data": […]; binary tensors are not supported, send JSON.',
        )
    if isinstance(error, msgspec.ValidationError):
        return BadInput(
            f"Input {shown(tensor.name)}: its data are not {tensor.datatype}: {error}.",
            hint=f"Send an array of {tensor.datatype} values (null for a missing one) in shape {tensor.shape}, "
            "or declare the datatype that they have.",
        )
    return json_fault(raw, error, f"Input {shown(tensor.name)}: its data")
