"""Errors carry a message, a hint and one HTTP status each."""

import pytest

from watchkeeper.events.errors import BadInput, Conflict, NotFound, TooLarge, Unavailable, WatchkeeperError


def test_text_joins_message_and_hint() -> None:
    assert str(BadInput("It is wrong.", hint="Do this.")) == "It is wrong. Do this."
    assert str(BadInput("It is wrong.")) == "It is wrong."


@pytest.mark.parametrize(
    ("error", "status"), [(BadInput, 400), (NotFound, 404), (Conflict, 409), (TooLarge, 413), (Unavailable, 503)]
)
def test_each_error_has_its_status(error: type[WatchkeeperError], status: int) -> None:
    assert error("x").status == status
    assert issubclass(error, WatchkeeperError)
