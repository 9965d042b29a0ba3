from __future__ import annotations

import logging
import re

import pytest
from fastapi import FastAPI

from tests.helpers.asgi import Asker
from watchkeeper.api.errors import describe, install
from watchkeeper.events.errors import BadInput, TooLarge, Unavailable


def app() -> FastAPI:
    made = FastAPI(openapi_url=None)
    install(made)

    @made.get("/number/{number}")
    def number(number: int) -> int:
        return number

    @made.get("/secret")
    def secret() -> None:
        raise RuntimeError("/var/lib/secret")

    return made


@pytest.mark.parametrize(
    ("error", "status"),
    [(BadInput("x", hint="y"), 400), (TooLarge("x"), 413), (Unavailable("x"), 503)],
)
def test_our_errors_keep_their_status_and_words(error: Exception, status: int) -> None:
    assert describe(error) == (status, str(error))


def test_every_failure_has_one_form() -> None:
    asker = Asker(app())
    answers = {path: asker.get(path) for path in ("/number/x", "/nowhere", "/secret")}
    assert [answer.status_code for answer in answers.values()] == [400, 404, 500]
    assert all(set(answer.json()) == {"error"} for answer in answers.values())
    assert answers["/number/x"].json()["error"].startswith("number: ")
    assert asker.ask("POST", "/number/1").status_code == 405
    assert asker.ask("POST", "/number/1").headers["allow"] == "GET"


def test_an_unexpected_error_is_logged_under_an_id_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="watchkeeper.api"):
        text = Asker(app()).get("/secret").json()["error"]
    number = re.search(r"under ([0-9a-f]{8})\.", text)
    assert number is not None
    assert "secret" not in text
    assert number[1] in caplog.text
