"""Event times as clients write them: ISO 8601, or a number of seconds, milliseconds, microseconds or nanoseconds.

A number's unit is told by its size (each range holds the years 1973 to 2262 of its unit): below 1e11 seconds, below
1e14 milliseconds, below 1e17 microseconds, else nanoseconds. A time without an offset is UTC. Times are Unix
microseconds from here on.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from watchkeeper.events.errors import BadInput

_HINT = "Use ISO 8601 (2013-01-31T12:00:00Z) or a Unix time, between 1970 and 2262."
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,9})?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 9_223_372_036_000_000
_UNITS = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (1e20, 1e-3))


def event_micros(value: object, where: str) -> int:
    """Unix microseconds of one event time, 1970 to 2262; BadInput names `where` it stood."""
    micros = time_micros(value, where)
    if not 0 <= micros < _LATEST:
        raise BadInput(f"{where} lies outside 1970 to 2262.", hint=_HINT)
    return micros


def time_micros(value: object, where: str) -> int:
    """Unix microseconds of any time, such as a date of birth; BadInput names `where` it stood."""
    if isinstance(value, str):
        return _from_text(value, where)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_number(value, where)
    raise BadInput(f"{where} must be a text or a number, not {type(value).__name__}.", hint=_HINT)


def _from_text(text: str, where: str) -> int:
    if _NUMBER.fullmatch(text):
        return _from_number(float(text), where)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(f"{where} is not a time.", hint=_HINT) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _from_number(number: float, where: str) -> int:
    for below, factor in _UNITS:
        if abs(number) < below:
            return round(number * factor)
    raise BadInput(f"{where} is no time: not finite, or too large.", hint=_HINT)
