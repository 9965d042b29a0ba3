"""Who sent a request, as far as it says so: recorded with every label, so that one bad sender can be told apart.

A bearer token is never kept, only the start of its SHA-256. Without a token the `Feedback-Source` header names the
sender; an item may name its own source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]
_LONGEST = 200


def sender_of(headers: Headers) -> str | None:
    """`token:1a2b3c4d`, the name given in Feedback-Source, or None."""
    named: str | None = None
    for name, value in headers:
        if name == b"authorization" and value.strip():
            return f"token:{hashlib.sha256(value.strip()).hexdigest()[:8]}"
        if name == b"feedback-source" and value.strip():
            named = value.decode("latin-1").strip()[:_LONGEST]
    return named
