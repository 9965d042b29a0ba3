"""Who sent it."""

from __future__ import annotations

import pytest

from watchkeeper.ingest.sender import sender_of


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ([], None),
        ([(b"feedback-source", b" claims ")], "claims"),
        ([(b"feedback-source", b"  ")], None),
        ([(b"feedback-source", b"x" * 300)], "x" * 200),
    ],
)
def test_the_name_that_is_given(headers: list[tuple[bytes, bytes]], sender: str | None) -> None:
    assert sender_of(headers) == sender


def test_a_token_is_told_by_its_fingerprint_and_goes_before_a_name() -> None:
    one = sender_of([(b"feedback-source", b"claims"), (b"authorization", b"Bearer secret")])
    assert one is not None
    assert one.startswith("token:")
    assert "secret" not in one
    assert one == sender_of([(b"authorization", b"Bearer secret")])
    assert one != sender_of([(b"authorization", b"Bearer other")])
