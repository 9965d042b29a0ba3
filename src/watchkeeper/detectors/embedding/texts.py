"""A column read as text."""

from __future__ import annotations

import math
import re
from typing import Any

import pyarrow as pa

from watchkeeper.events.errors import BadInput

_WORD = re.compile(r"\w+")


def texts(values: Any) -> list[str | None]:
    """The texts of a column, None where there is none. Raises BadInput for what is not text."""
    if isinstance(values, pa.Array | pa.ChunkedArray):
        kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
            raise BadInput(f"A column of {kind} holds no text.", hint="Name another kind of embedding.")
        read: list[str | None] = values.to_pylist()
        return read
    every: list[Any] = [None if _missing(value) else value for value in values]
    odd = next((value for value in every if value is not None and not isinstance(value, str)), None)
    if odd is not None:
        raise BadInput(f"A {type(odd).__name__} is no text.", hint="Name another kind of embedding.")
    return every


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())
