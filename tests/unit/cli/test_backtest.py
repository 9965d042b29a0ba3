"""`watchkeeper backtest`: exit 0 when it ran, 2 on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.helpers.histories import history
from watchkeeper.cli.main import main

ASKED = ["backtest", "h.parquet", "--time", "at", "--reference-until", "1970-02-10"]
LABELS = ["--prediction", "said", "--score", "score", "--label", "truth", "--label-delay", "2d"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(history(), tmp_path / "h.parquet")
    monkeypatch.chdir(tmp_path)


def test_the_story_and_the_page(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*ASKED, *LABELS, "--html", "page.html"])
    assert done.exit_code == 0, done.output
    assert "2 pages in 1.7 months" in done.output
    assert "The page is page.html." in done.output
    assert (tmp_path / "page.html").read_text().lower().startswith("<!doctype html>")


def test_json() -> None:
    done = CliRunner().invoke(main, [*ASKED, *LABELS, "--json"])
    found = json.loads(done.stdout)
    assert (found["schema"], found["summary"]["pages"]) == ("watchkeeper.backtest/1", 2)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--time", "when"], "no column 'when'"),
        (["--reference-until", "1990-01-01"], "after the history ends"),
        (["--reference-until", "soon"], "is not a time"),
        (["--label", "kind", "--score", "score"], "two classes; there are 3"),
        (["--score", "x"], "these are not probabilities"),
        (["--window", "1y"], "window is '1y'"),
        (["--html", "no/such/page.html"], "cannot be written"),
    ],
)
def test_bad_input(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, [*ASKED, *arguments])
    assert done.exit_code == 2, done.output
    assert says in done.stderr
    assert "Traceback" not in done.output
