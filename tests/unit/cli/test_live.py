"""`watchkeeper live` moves a model's traffic, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.helpers.own_model import write_model
from watchkeeper.cli.main import main
from watchkeeper.store.store import open_store


@pytest.fixture
def data(tmp_path: Path) -> Path:
    artifact, reference = write_model(tmp_path)
    for version in ("v1", "v2"):
        given = ["register", "late", "--version", version, "--artifact", str(artifact), "--reference", str(reference)]
        given += ["--task", "binary", "--target", "late", "--time", "at", "--trust-pickle"]
        done = CliRunner().invoke(main, [*given, "--data-dir", str(tmp_path / "data")])
        assert done.exit_code == 0, done.output
    return tmp_path / "data"


def live(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["live", *arguments, "--data-dir", str(data)])


def answering(data: Path) -> str:
    store = open_store(data)
    try:
        return store.versions.live_version("late").version
    finally:
        store.close()


def test_there_and_back(data: Path) -> None:
    done = live(data, "late", "v2")
    assert "instead of v1" in done.output
    assert "watchkeeper live late v1" in done.output
    assert answering(data) == "v2"
    assert "answers for late already" in live(data, "late", "v2").output
    live(data, "late", "v1")
    assert answering(data) == "v1"


def test_what_does_not_exist_is_named(data: Path) -> None:
    for arguments, says in ((["late", "v9"], "There are v1, v2"), (["none", "v1"], "No model 'none'")):
        done = live(data, *arguments)
        assert done.exit_code == 2
        assert says in done.output
    assert answering(data) == "v1"
