"""Arrays as plain JSON: shape, type and base64 of their bytes, little-endian, so that the same bits come back."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np

from watchkeeper.events.errors import BadInput

_TYPES = ("<f8", "<f4", "<i8", "<u4")


def packed(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The array as JSON values."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return {
        "shape": list(array.shape),
        "type": little.dtype.str,
        "data": base64.b64encode(little.tobytes()).decode("ascii"),
    }


def unpacked(fields: dict[str, Any]) -> Any:
    """The array that `packed` described; raises BadInput for what is none."""
    try:
        if fields["type"] not in _TYPES:
            raise BadInput(f"An array of type {fields['type']!r} is not read.")
        data = base64.b64decode(fields["data"], validate=True)
        array = np.frombuffer(data, np.dtype(fields["type"])).reshape(fields["shape"])
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise BadInput(f"This is no packed array: {error}.", hint="The file may be damaged.") from error
    return array.astype(array.dtype.newbyteorder("="))
