"""`watchkeeper profile`: build, add, merge, diff, show; exit status as of compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from watchkeeper.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = np.random.default_rng(3)
    for name, factor in (("january", 1.0), ("february", 1.0), ("march", 1.6)):
        pq.write_table(
            pa.table({"price": factor * rng.gamma(4, 10, 2_000), "shop": rng.choice(["a", "b"], 2_000)}),
            tmp_path / f"{name}.parquet",
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["profile", *arguments])


def test_from_tables_to_a_difference(folder: Path) -> None:
    assert "2,000 rows, 2 columns" in run("build", "january.parquet", "-o", "january.wkprofile").output
    for month in ("february", "march"):
        done = run("build", f"{month}.parquet", "--like", "january.wkprofile", "-o", f"{month}.wkprofile")
        assert done.exit_code == 0, done.output
    assert run("diff", "january.wkprofile", "february.wkprofile").exit_code == 0
    assert run("diff", "january.wkprofile", "march.wkprofile", "--html", "page.html").exit_code == 1
    assert (folder / "page.html").is_file()
    assert run("merge", "january.wkprofile", "february.wkprofile", "-o", "both.wkprofile").exit_code == 0
    assert run("add", "january.wkprofile", "february.parquet").exit_code == 0
    assert (folder / "both.wkprofile").read_bytes() == (folder / "january.wkprofile").read_bytes()
    shown = run("show", "both.wkprofile").output
    assert "4,000 rows" in shown
    assert "price" in shown
    assert CliRunner().invoke(main, ["compare", "january.wkprofile", "march.parquet"]).exit_code == 1


def test_bad_input(folder: Path) -> None:
    (folder / "bad.wkprofile").write_bytes(b"WKPROFILE\n\x01")
    done = run("show", "bad.wkprofile")
    assert done.exit_code == 2
    assert "bad.wkprofile is truncated" in done.stderr
