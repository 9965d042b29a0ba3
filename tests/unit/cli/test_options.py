"""Flags come from the table of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from watchkeeper.cli.options import settings_from, settings_options
from watchkeeper.config import SETTINGS


@click.command()
@settings_options("port", "window", "webhook_private")
def probe(config: Path | None, **flags: Any) -> None:
    """Print what was understood."""
    settings = settings_from(config, flags)
    click.echo(f"{settings.port} {settings.window} {settings.webhook_private}")


def test_flags_are_checked_like_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_WINDOW", "2h")
    done = CliRunner().invoke(probe, ["--port", "5", "--webhook-private", "no"])
    assert done.output == "5 7200 False\n"


def test_a_named_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text("port = 7")
    assert CliRunner().invoke(probe, ["--config", str(tmp_path / "w.toml")]).output.startswith("7 ")


def test_help_is_the_table_s() -> None:
    text = " ".join(CliRunner().invoke(probe, ["--help"]).output.split())
    assert SETTINGS["port"].help in text
    assert "Default: 8080." in text
    assert "Default: 1h." in text
    assert "Default: yes." in text
