from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from tests.helpers.asgi import Asker
from watchkeeper.api.guard import Guard

OWN = "127.0.0.1:8080"


async def inner(*_: object) -> None:
    raise AssertionError


def fault(method: str, **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Guard(inner).fault(method, Headers(named))


@pytest.mark.parametrize("host", [OWN, "localhost", "LOCALHOST:1", "[::1]:8080", "127.0.0.1", ""])
def test_our_names_pass(host: str) -> None:
    assert not fault("GET", host=host)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil:8080", "[::2]", "a\\b", "[[", "127.0.0.2"],
)
def test_other_names_do_not(host: str) -> None:
    assert "not this server's" in fault("GET", host=host)


def test_a_change_must_come_from_our_own_pages() -> None:
    assert not fault("POST", host=OWN)
    assert not fault("POST", host=OWN, origin=f"http://{OWN}", sec_fetch_site="same-origin")
    assert fault("POST", host=OWN, origin="https://evil.example")
    assert fault("POST", host=OWN, origin="null")
    assert fault("POST", host=OWN, sec_fetch_site="cross-site")
    assert fault("DELETE", host=OWN, sec_fetch_site="same-site")
    assert not fault("GET", host=OWN, sec_fetch_site="cross-site")


def test_the_application_refuses(asker: Asker) -> None:
    answer = asker.get("/api/v1/models", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert set(answer.json()) == {"error"}
    post = asker.ask("POST", "/api/v1/alerts/x/acknowledge", headers={"origin": "https://evil.example"})
    assert post.status_code == 403
