"""Numbers, times and names as people read them. Names come from outside: they are shown, never obeyed."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime

NOTHING = "–"
_SHOWN = {" "}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def visible(text: str) -> str:
    """`text` with control, format and direction-changing characters written out, so that no name hides what it is."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if character in _SHOWN or unicodedata.category(character)[0] not in "CZ":
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def short(text: str, limit: int = 28) -> str:
    """`text` made visible and cut in the middle to `limit` characters: the two ends tell names apart best."""
    shown = visible(text)
    if len(shown) <= limit:
        return shown
    head = (limit - 1) * 2 // 3
    return f"{shown[:head]}…{shown[len(shown) - (limit - 1 - head) :]}"


def figure_text(text: str, limit: int = 28) -> str:
    """A name as Plotly text: Plotly reads tags and entities in every text, so the characters that start them go."""
    return short(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def number(value: float | None, digits: int = 3) -> str:
    """A number to `digits` significant digits with thousands separated; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 9 or size < -4:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{max(0, digits - 1 - size)}f}" if size < digits else f"{value:,.0f}"


def sized(value: float | None, low: float | None, high: float | None) -> str:
    """An effect with its 95 % interval: '0.163 (0.13 to 0.19)'.

    A distance is above 0 even between samples of the same rows, and its interval is corrected for that. Where the whole
    interval lies below the distance found, that distance is chance, and the interval alone is told: 'at most 0.14'.
    """
    if value is None or low is None or high is None:
        return number(value)
    if 0 <= low <= high < value:
        return f"{number(low, 2)} to {number(high, 2)}" if low else f"at most {number(high, 2)}"
    return f"{number(value)} ({number(low, 2)} to {number(high, 2)})"


def count(value: float | None) -> str:
    """A whole number with thousands separated."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """A share as a percentage: 0.1234 is '12.3 %', and a share that is tiny but not nothing says so."""
    if share is None or not math.isfinite(share):
        return NOTHING
    if 0 < share < 0.001:
        return "<0.1 %"
    return f"{share * 100:.1f} %" if share < 0.9995 or share == 1 else ">99.9 %"


def probability(value: float | None) -> str:
    """A p-value: three decimals, and a bound below that."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """A length of time in its largest two units: '3 d 4 h', '12 min', '250 ms'."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return NOTHING
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds > 0 else "0 s"
    for size, unit, smaller, smaller_unit in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min")):
        if seconds >= size:
            rest = int(seconds % size // smaller)
            return f"{int(seconds // size)} {unit}" + (f" {rest} {smaller_unit}" if rest else "")
    return f"{int(seconds // _MINUTE)} min" if seconds >= _MINUTE else f"{seconds:.3g} s"


def moment(seconds: float | None) -> str:
    """Unix seconds as '2013-04-01 05:30 UTC'; a dash for none or for a time no calendar holds."""
    stamp = _utc(seconds)
    return NOTHING if stamp is None else stamp.strftime("%Y-%m-%d %H:%M UTC")


def iso(seconds: float | None) -> str | None:
    """Unix seconds in ISO 8601, for figures, JSON and the `datetime` attribute."""
    stamp = _utc(seconds)
    return None if stamp is None else stamp.strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(seconds: float | None) -> datetime | None:
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def ago(seconds: float | None, now: float) -> str:
    """How long before `now` a time was: '4 min ago', 'just now'."""
    if seconds is None:
        return NOTHING
    gap = now - seconds
    return "just now" if gap < 2 else f"{duration(gap)} ago"
