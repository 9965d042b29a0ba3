"""Signed notifications: HMAC-SHA256 over `id.timestamp.body`, so that neither body, time nor id can be changed.

A receiver checks with `verify`, refuses what is older than five minutes, and drops an id that it has seen.
"""

from __future__ import annotations

import hashlib
import hmac

SCHEME = "v1="
TOLERANCE = 300.0


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature header for `body`."""
    text = f"{message_id}.{timestamp}.".encode() + body
    return SCHEME + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def verify(  # noqa: PLR0917 (what a receiver has at hand, in the order of the headers)
    secret: str, message_id: str, timestamp: str, signature: str, body: bytes, now: float
) -> bool:
    """Whether a notification is ours and fresh: `timestamp` and `signature` as they came in the headers."""
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(secret, message_id, int(timestamp), body).encode(), signature.encode())
