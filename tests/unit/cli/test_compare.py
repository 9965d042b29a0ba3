"""`watchkeeper compare`: exit 0 when nothing that matters differs, 1 on alarm, 2 on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from watchkeeper.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = np.random.default_rng(3)
    for name, factor in (("january", 1.0), ("february", 1.0), ("march", 1.6)):
        pq.write_table(pa.table({"price": factor * rng.gamma(4, 10, 2_000)}), tmp_path / f"{name}.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 half written")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("current", "status"), [("february", 0), ("march", 1)])
def test_status(folder: Path, current: str, status: int) -> None:
    done = CliRunner().invoke(main, ["compare", "january.parquet", f"{current}.parquet"])
    assert done.exit_code == status, done.output
    assert "price" in done.output


def test_json_and_page(folder: Path) -> None:
    done = CliRunner().invoke(main, ["compare", "january.parquet", "march.parquet", "--json", "--html", "page.html"])
    found = json.loads(done.stdout)
    assert (found["schema"], found["verdict"]) == ("watchkeeper.compare/1", "alarm")
    assert (folder / "page.html").read_text().lower().startswith("<!doctype html>")


def test_more_questions(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for name, shift in (("old", 0.0), ("new", 2.0)):
        shop = rng.choice(["a", "b"], 1_000)
        x = rng.normal(size=1_000) + shift * (shop == "a")
        pq.write_table(pa.table({"x": x, "shop": shop, "score": 2 * x}), folder / f"{name}.parquet")
    (folder / "weights.json").write_text('{"x": 3.0}')
    asked = ["--segment", "shop", "--score", "score", "--rows", "mmd", "--importance", "weights.json"]
    done = CliRunner().invoke(main, ["compare", "old.parquet", "new.parquet", *asked])
    assert done.exit_code == 1, done.output
    assert "shop=a" in done.output
    assert "of the change" in done.output
    (folder / "weights.json").write_text("[]")
    assert CliRunner().invoke(main, ["compare", "old.parquet", "new.parquet", *asked]).exit_code == 2


def test_a_column_is_embedded(folder: Path) -> None:
    for name, word in (("old", "late"), ("new", "early")):
        pq.write_table(pa.table({"comment": [f"very {word} {i % 7}" for i in range(300)]}), folder / f"{name}.parquet")
    done = CliRunner().invoke(main, ["compare", "old.parquet", "new.parquet", "--embed", "comment=text"])
    assert done.exit_code == 1, done.output
    assert "comment.unseen_words" in done.output
    done = CliRunner().invoke(main, ["compare", "old.parquet", "new.parquet", "--embed", "comment"])
    assert "COLUMN=KIND" in done.output + done.stderr + str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["none.parquet", "march.parquet"], "There is no file none.parquet"),
        (["january.parquet", "broken.parquet"], "broken.parquet cannot be read"),
        (["january.parquet", "march.parquet", "--time", "at"], "at"),
        (["january.parquet", "march.parquet", "--rows", "magic"], "no test on rows called 'magic'"),
        (["january.parquet", "march.parquet", "--importance", "no.json"], "weights no.json cannot be read"),
        (["january.parquet", "march.parquet", "--html", "no/such/page.html"], "cannot be written"),
    ],
)
def test_bad_input(folder: Path, arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, ["compare", *arguments])
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.output
