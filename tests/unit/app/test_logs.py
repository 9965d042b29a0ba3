"""A log record is one line of JSON, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from watchkeeper.app.logs import set_up_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found = io.StringIO()
    set_up_logs("gateway", "info", found)
    yield found
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_record_is_one_line(stream: io.StringIO) -> None:
    logging.getLogger("x").info("a\nb %s", "\x1b[31m")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["process"], told["logger"], told["message"]) == (
        "info",
        "gateway",
        "x",
        "a\nb \x1b[31m",
    )
    assert "\x1b" not in line


def test_a_traceback_is_in_the_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: no" in json.loads(line)["error"]


def test_what_is_below_the_level_and_what_libraries_chatter_is_left_out(stream: io.StringIO) -> None:
    logging.getLogger("x").debug("small")
    logging.getLogger("httpx").info("POST https://hook.example/secret")
    assert stream.getvalue() == ""


def test_a_notice_is_an_object_of_its_own(stream: io.StringIO) -> None:
    logging.getLogger("x").warning("title", extra={"notice": {"event": "firing"}})
    assert json.loads(stream.getvalue())["notice"] == {"event": "firing"}
