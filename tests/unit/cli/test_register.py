"""`watchkeeper register` prints what was learned and what to do next."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from tests.helpers.own_model import reference_table, write_model
from watchkeeper.cli.main import main
from watchkeeper.store.store import open_store


def arguments(folder: Path, *more: str) -> list[str]:
    artifact, reference = str(folder / "late.py"), str(folder / "reference.parquet")
    given = ["register", "late", "--version", "v1", "--artifact", artifact, "--reference", reference]
    given += ["--task", "binary", "--target", "late", "--time", "at", "--trust-pickle"]
    return [*given, "--data-dir", str(folder / "data"), *more]


def test_what_was_learned_and_what_is_next(tmp_path: Path) -> None:
    carriers = pa.array([f"C{number % 9}" for number in range(600)])
    table = reference_table().append_column("carrier", carriers)
    artifact, _ = write_model(tmp_path, table)
    artifact.write_text(
        artifact.read_text().replace('layout = "matrix"', "").replace("rows[:, 0] + rows[:, 1]", 'rows["age"]')
    )
    done = CliRunner().invoke(main, arguments(tmp_path, "--privacy", "carrier=hash", "--window", "1d"))
    assert done.exit_code == 0, done.output
    for words in (
        "Registered late v1 (binary).",
        "pyclass artifact",
        "600 rows in",
        "label, probability; classes 0, 1",
        "numeric; ",
        "categorical; privacy: hash",
        f"Next: watchkeeper up --data-dir {tmp_path / 'data'}",
    ):
        assert words in done.output
    store = open_store(tmp_path / "data")
    assert store.versions.model("late").settings.window_seconds == 86_400
    store.close()


def test_what_the_model_did_on_the_reference(tmp_path: Path) -> None:
    late = [None, 2, *(number % 2 for number in range(598))]
    write_model(tmp_path, reference_table().set_column(2, "late", pa.array(late)))
    first = CliRunner().invoke(main, arguments(tmp_path))
    for words in (
        "performance  accuracy 0.",
        " on 598 labelled rows of the reference",
        "rows the model may have been trained on: it looks better there than it is",
        "--reference-is training or holdout says which",
        "left out: 1 without a truth in 'late'",
        "left out: 1 that cannot be counted. The first: label 2 is none of the classes 0, 1",
    ):
        assert words in first.output
    told = CliRunner().invoke(main, arguments(tmp_path, "--reference-is", "holdout"))
    assert (told.exit_code, "rows the model was not trained on" in told.output) == (0, True)
    other = CliRunner().invoke(main, arguments(tmp_path, "--reference-is", "training"))
    assert (other.exit_code, "already known" in other.stderr) == (2, True)


def test_a_truth_that_is_all_alike(tmp_path: Path) -> None:
    write_model(tmp_path, reference_table().set_column(2, "late", pa.array([1] * 600)))
    alike = CliRunner().invoke(main, arguments(tmp_path))
    assert "roc_auc unknown (" in alike.output
    assert "every truth is '1'" in alike.output


def test_a_second_version_says_that_the_first_goes_on(tmp_path: Path) -> None:
    write_model(tmp_path)
    assert CliRunner().invoke(main, arguments(tmp_path)).exit_code == 0
    done = CliRunner().invoke(main, arguments(tmp_path, "--version", "v2"))
    assert "Version v1 goes on answering for late." in done.output
    assert "watchkeeper live late v2" in done.output


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--privacy", "age"], "names no policy"),
        (["--privacy", "age=burn"], "policies are keep, drop, hash, mask"),
        (["--schema", "none.json"], "none.json cannot be read"),
        (["--window", "90s"], "whole number of buckets"),
        (["--task", "guess"], "is not one of"),
        (["--time", "nope"], "no time column 'nope'"),
    ],
)
def test_bad_input(tmp_path: Path, more: list[str], says: str) -> None:
    write_model(tmp_path)
    done = CliRunner().invoke(main, arguments(tmp_path, *more))
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_schema_that_is_no_schema(tmp_path: Path) -> None:
    write_model(tmp_path)
    (tmp_path / "s.json").write_text('{"features": 3}')
    done = CliRunner().invoke(main, arguments(tmp_path, "--schema", str(tmp_path / "s.json")))
    assert (done.exit_code, "schema is not valid" in done.stderr) == (2, True)
