"""Prediction IDs: UUIDv7 (RFC 9562, section 5.7), so that IDs sort by the time they were minted.

Layout of the 128 bits: 48 bits of Unix milliseconds, version 7, 12 bits `rand_a`, variant 0b10, 62 bits `rand_b`.
Within one millisecond `rand_a` is a counter (RFC 9562, section 6.2, method 1), so IDs of one minter strictly increase.
"""

from __future__ import annotations

from collections.abc import Callable

_COUNTER_BITS = 12
_COUNTER_LIMIT = 1 << _COUNTER_BITS
_VARIANT = 0b10 << 62
_RANDOM_MASK = (1 << 62) - 1
_POOL = 4096


class PredictionIdMinter:
    """Mints UUIDv7 strings. `random(n)` gives n random bytes (`os.urandom` in production, a seeded source in tests)."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._last_ms = 0
        self._counter = 0
        self._pool = b""
        self._offset = 0

    def mint(self, now_ms: int) -> str:
        """A new ID for Unix time `now_ms`; never smaller than the last one, even when the clock steps back."""
        if now_ms > self._last_ms:
            self._last_ms, self._counter = now_ms, 0
        else:
            self._counter += 1
            if self._counter == _COUNTER_LIMIT:
                self._last_ms, self._counter = self._last_ms + 1, 0
        high = (self._last_ms << 16) | 0x7000 | self._counter
        low = _VARIANT | (self._random64() & _RANDOM_MASK)
        text = f"{high:016x}{low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _random64(self) -> int:
        if self._offset >= len(self._pool):
            self._pool, self._offset = self._random(_POOL), 0
        start = self._offset
        self._offset = start + 8
        return int.from_bytes(self._pool[start : start + 8], "big")


def row_ids(prediction_id: str, rows: int) -> list[str]:
    """The prediction ID of each row of one request: the ID itself for a single row, `ID:0 … ID:n-1` for a batch."""
    if rows == 1:
        return [prediction_id]
    return [f"{prediction_id}:{row}" for row in range(rows)]


def minted_at(prediction_id: str) -> float | None:
    """Unix seconds at which a UUIDv7 prediction ID was minted, or None if the text is not one."""
    digits = prediction_id[:18].replace("-", "")
    if len(digits) != 16 or digits[12] != "7":
        return None
    try:
        return int(digits[:12], 16) / 1000
    except ValueError:
        return None
