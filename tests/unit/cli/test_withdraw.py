"""`watchkeeper withdraw`: one source's word is taken back."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from watchkeeper.cli.main import main
from watchkeeper.client.client import Client


def test_what_is_taken_back_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str | None]] = []

    def withdraw(_: Client, model: str, source: str, since: str | None) -> int:
        asked.append((model, source, since))
        return 1200

    monkeypatch.setattr(Client, "withdraw", withdraw)
    done = CliRunner().invoke(main, ["withdraw", "--model", "m", "--source", "bad", "--since", "2024-01-01"])
    assert (done.exit_code, asked) == (0, [("m", "bad", "2024-01-01")])
    assert done.output.startswith("What 'bad' said of 1,200 predictions is taken back.\nSend what is right under")


def test_a_source_that_said_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "withdraw", lambda *_: 0)
    done = CliRunner().invoke(main, ["withdraw", "--model", "m", "--source", "mistyped"])
    assert "Nothing of it stands" in done.output
    assert "/api/v1/models/m/labels" in done.output


def test_a_server_that_is_not_there_is_said() -> None:
    done = CliRunner().invoke(main, ["withdraw", "--model", "m", "--source", "s", "--url", "http://127.0.0.1:9"])
    assert done.exit_code != 0
    assert "cannot be reached" in done.output
