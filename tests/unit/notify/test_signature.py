"""A signature covers id, time and body, and grows old."""

from __future__ import annotations

import pytest

from watchkeeper.notify.signature import TOLERANCE, sign, verify

NOW = 1_700_000_000
SIGNATURE = sign("key", "n1", NOW, b"{}")


def test_a_known_signature() -> None:
    assert verify("key", "n1", str(NOW), SIGNATURE, b"{}", NOW)


@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp", "body"),
    [
        ("other", "n1", str(NOW), b"{}"),
        ("key", "n2", str(NOW), b"{}"),
        ("key", "n1", str(NOW + 1), b"{}"),
        ("key", "n1", str(NOW), b"{ }"),
        ("key", "n1", "", b"{}"),
        ("key", "n1", "x", b"{}"),
        ("key", "n1", "\u0661", b"{}"),
        ("key", "n1", f"-{NOW}", b"{}"),
    ],
)
def test_any_change_is_refused(secret: str, message_id: str, timestamp: str, body: bytes) -> None:
    assert not verify(secret, message_id, timestamp, SIGNATURE, body, NOW)


@pytest.mark.parametrize("age", [TOLERANCE + 1, -TOLERANCE - 1])
def test_a_replay_is_refused(age: float) -> None:
    assert not verify("key", "n1", str(NOW), SIGNATURE, b"{}", NOW + age)


def test_a_strange_signature_is_refused() -> None:
    assert not verify("key", "n1", str(NOW), "v1=é", b"{}", NOW)
