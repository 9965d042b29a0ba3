from __future__ import annotations

import pytest

from tests.helpers.asgi import Asker
from watchkeeper.console.security import HEADERS, POLICY


@pytest.mark.parametrize("path", ["/", "/nope", "/api/v1/models", "/api/v1/nope", "/metrics", "/health"])
def test_every_answer_carries_every_header(asker: Asker, path: str) -> None:
    answer = asker.page(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"


def test_the_policy_lets_in_nothing_from_elsewhere() -> None:
    assert "default-src 'none'" in POLICY
    assert "script-src 'self';" in POLICY
    for word in ("http", "*", "unsafe-eval", "script-src 'self' 'unsafe"):
        assert word not in POLICY
