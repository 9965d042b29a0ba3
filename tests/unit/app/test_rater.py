"""How the settings become a rater; the process itself is proved in tests/unit/cli/test_rater.py."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.notify.receiver import receiver
from watchkeeper.app.rater import plan_of, question_of, rate_once
from watchkeeper.config import Settings
from watchkeeper.events.errors import BadInput
from watchkeeper.notify.delivery import RetryPolicy


@pytest.fixture(autouse=True)
def signals_stay() -> Iterator[None]:
    """What a signal does to the tests is what it did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def running() -> bool:
    return False


def test_a_command_is_split_as_a_shell_would_and_its_arguments_are_not_told() -> None:
    settings = Settings(rater_command=f"{sys.executable} -c 'print(input())' --key=secret")
    assert question_of(settings, running)(b'{"a": "$HOME"}', "k") == b'{"a": "$HOME"}\n'
    assert plan_of(settings).how == f"the program {sys.executable}"


def test_an_address_is_asked_with_its_key_and_only_its_host_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3")
    with receiver(200) as server:
        settings = Settings(rater_url=server.url, rater_secret_file=tmp_path / "key")
        assert question_of(settings, running)(b"{}", "k") == b"secret"
    assert "watchkeeper-signature" in server.received[0].headers
    assert plan_of(settings).how == "at 127.0.0.1"


def test_the_plan_is_that_of_the_settings() -> None:
    pauses = RetryPolicy(first=1.0)
    settings = Settings(rater_url="http://a/", rater_models="late, other,", rater_batch=7, rater_per_hour=8)
    plan = plan_of(settings, pauses)
    assert (plan.models, plan.batch, plan.per_hour, plan.check, plan.sees_answer) == (
        ("late", "other"),
        7,
        8,
        0.05,
        False,
    )
    assert plan.pauses is pauses


def test_nobody_is_asked_where_nobody_is_set_up(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No rater is set up"):
        rate_once(Settings(data_dir=tmp_path))
