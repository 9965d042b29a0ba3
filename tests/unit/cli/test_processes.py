"""Each process holds the data directory for its kind; the processes themselves are proved in tests/e2e/test_up.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from watchkeeper.cli.main import main
from watchkeeper.supervisor.lock import hold


@pytest.mark.parametrize("name", ["gateway", "watch", "console"])
def test_a_directory_in_use_is_refused(tmp_path: Path, name: str) -> None:
    with hold(tmp_path / "run", name):
        done = CliRunner().invoke(main, [name, "--data-dir", str(tmp_path), "--log-level", "error"])
    assert done.exit_code == 2
    assert f"Another `watchkeeper {name}`" in done.stderr


@pytest.mark.parametrize("name", ["gateway", "watch", "console"])
def test_settings_are_checked_first(tmp_path: Path, name: str) -> None:
    done = CliRunner().invoke(main, [name, "--data-dir", str(tmp_path), "--log-level", "loud"])
    assert done.exit_code == 2
    assert "one of debug, info, warning, error" in done.stderr
