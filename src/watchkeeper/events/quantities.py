"""Lengths of time and sizes as people write them: whole seconds or bytes, or a number with its unit."""

from __future__ import annotations

import re
from collections.abc import Mapping

_UNITS_OF_TIME = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_UNITS_OF_SIZE = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30}


def duration(value: object) -> int:
    """Whole seconds of `90`, `"90s"`, `"10m"`, `"1h"` or `"30d"`. Raises ValueError saying what is allowed."""
    return _quantity(value, _UNITS_OF_TIME, 'a duration: whole seconds, or "90s", "10m", "1h", "30d"')


def size(value: object) -> int:
    """Bytes of `1024`, `"16MiB"`, … Raises ValueError saying what is allowed."""
    return _quantity(value, _UNITS_OF_SIZE, 'a size: bytes, or "64KiB", "16MiB", "1GiB"')


def _quantity(value: object, units: Mapping[str, int], what: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = re.fullmatch(r"(\d{1,12})\s*([a-zA-Z]*)", value.strip()) if isinstance(value, str) else None
    if match is None or match[2].lower() not in units:
        raise ValueError(what)
    return int(match[1]) * units[match[2].lower()]
