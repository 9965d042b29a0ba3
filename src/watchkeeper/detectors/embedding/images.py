"""Images read as arrays, one (height, width, 3) each with values from 0 to 1.

Images come as arrays: (n, h, w), (n, h, w, c), tensors or nested lists in Arrow, or a list of arrays of different
sizes. One channel is grey, three are red, green and blue, of four the last (how opaque) is dropped; channels may come
first. What is stored in files (JPEG, PNG) has to be decoded before, by the user's own function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray

BYTE = 255.0
_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_CHANNELS = (1, 3, 4)
_DECODE = "Give arrays of pixels: decode files first, or name a function of your own."


def images(values: Any) -> Iterator[FloatArray | None]:
    """Each image (h, w, 3) in the unit of the data, None where there is none. Raises BadInput for what is no image."""
    for value in _each(values):
        yield None if value is None else _pixels(value)


def unit_of(values: Any) -> float:
    """The value of white: 255 where any pixel is above 1.5, else 1."""
    return BYTE if any(image is not None and image.max(initial=0.0) > 1.5 for image in images(values)) else 1.0


def luminance(image: FloatArray) -> FloatArray:
    """(h, w) how bright each pixel of (h, w, 3) is."""
    return image @ _LUMINANCE


def resized(image: FloatArray, size: int) -> FloatArray:
    """(size, size, c): each new pixel the mean of the area of (h, w, c) that it covers."""
    rows, columns = (_areas(length, size) for length in image.shape[:2])
    return np.einsum("ih,hwc,jw->ijc", rows, image, columns, optimize=True)


def _areas(length: int, size: int) -> FloatArray:
    """(size, length) the share of each old pixel in the mean that makes a new one."""
    edges = np.linspace(0, length, size + 1)
    place = np.arange(length)
    overlap = np.minimum(edges[1:, None], place + 1) - np.maximum(edges[:-1, None], place)
    return np.maximum(overlap, 0.0) * size / length


def _each(values: Any) -> Iterator[Any]:
    if isinstance(values, pa.ChunkedArray):
        for chunk in values.chunks:
            yield from _each(chunk)
    elif isinstance(values, pa.FixedShapeTensorArray):
        shape, known = values.type.shape, values.is_valid().to_numpy(zero_copy_only=False)
        flat = np.asarray(values.storage.drop_null().flatten().to_numpy(zero_copy_only=False))
        arrays = iter(flat.reshape(-1, *shape))
        yield from (next(arrays) if there else None for there in known)
    elif isinstance(values, pa.Array):
        kind = values.type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise BadInput("This column holds bytes, not pixels.", hint=_DECODE)
        yield from values.to_pylist()
    else:
        yield from values


def _pixels(value: Any) -> FloatArray:
    try:
        image = np.asarray(value, np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput("This is no image.", hint=_DECODE) from error
    image = image[:, :, None] if image.ndim == 2 else image
    if image.ndim != 3 or not image.size:
        raise BadInput(f"An image has height, width and channels, not the shape {image.shape}.", hint=_DECODE)
    if image.shape[2] not in _CHANNELS and image.shape[0] in _CHANNELS:
        image = image.transpose(1, 2, 0)
    if image.shape[2] not in _CHANNELS:
        raise BadInput(f"An image has 1, 3 or 4 channels, not {image.shape[2]}.", hint=_DECODE)
    return np.repeat(image, 3, 2) if image.shape[2] == 1 else image[:, :, :3]
