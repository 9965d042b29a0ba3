"""What one request, and all of them together, may cost. Checked before the cost is paid where that can be done."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the data plane. Sizes are bytes, times seconds."""

    body_bytes: int = 10 << 20
    elements: int = 100_000
    tensors: int = 1_000
    text_bytes: int = 64 << 10
    id_chars: int = 256
    header_bytes: int = 32 << 10
    body_seconds: float = 30.0
    in_flight: int = 1_000
    buffer_rows: int = 100_000
    buffer_bytes: int = 128 << 20
