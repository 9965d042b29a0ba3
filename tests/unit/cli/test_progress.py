"""Progress is for terminals; a pipe sees nothing of it."""

from __future__ import annotations

import pytest

from watchkeeper.cli.progress import progress


def test_a_pipe_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as tell:
        tell("counting", 0.5)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress() as tell:
        tell("counting", 0.5)
    out, err = capsys.readouterr()
    assert out == ""
    assert "counting" in err
