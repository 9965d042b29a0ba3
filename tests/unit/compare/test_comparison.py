from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import watchkeeper
from watchkeeper.compare.comparison import Comparison, compare
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

RNG = np.random.default_rng(1)
BEFORE = {"x": RNG.normal(size=1000), "c": RNG.choice(np.array(["a", "b"]), 1000)}
SAME = {"x": RNG.normal(size=300), "c": RNG.choice(np.array(["a", "b"]), 300)}
MOVED = {"x": RNG.normal(1, 1, 300), "c": RNG.choice(np.array(["a", "b"]), 300)}


def test_the_names_that_stay() -> None:
    comparison = watchkeeper.compare(reference=BEFORE, current=MOVED)
    assert isinstance(comparison, Comparison)
    assert comparison.verdict == "alarm"
    for finding in comparison.findings:
        for name in ("feature", "detector", "verdict", "effect", "p_value", "n", "smallest_effect"):
            assert hasattr(finding, name)
    assert {finding.feature for finding in comparison.alarms} == {"x"}


def test_no_change_is_ok() -> None:
    assert compare(BEFORE, SAME).verdict == "ok"


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "duckdb", "mapping", "parquet", "csv"])
def test_any_table_will_do(kind: str, tmp_path: Path) -> None:
    table: Any = pa.table(MOVED)
    match kind:
        case "pandas":
            table = pd.DataFrame(MOVED)
        case "polars":
            table = pl.DataFrame(MOVED)
        case "duckdb":
            arrow = table
            table = duckdb.sql("select * from arrow")
            assert arrow is not None
        case "mapping":
            table = MOVED
        case "parquet":
            pq.write_table(table, tmp_path / "now.parquet")
            table = tmp_path / "now.parquet"
        case "csv":
            pd.DataFrame(MOVED).to_csv(tmp_path / "now.csv", index=False)
            table = str(tmp_path / "now.csv")
    assert {finding.feature for finding in compare(BEFORE, table).alarms} == {"x"}


UGLY: dict[str, tuple[list[Any], list[Any], set[Verdict]]] = {
    "all null": ([None] * 60, [None] * 60, {Verdict.OK}),
    "null and then not": ([None] * 60, [1.0] * 60, {Verdict.ALARM}),
    "not and then null": ([1.0, 2.0] * 30, [None] * 60, {Verdict.ALARM}),
    "constant": ([1.0] * 60, [1.0] * 60, {Verdict.OK}),
    "another constant": ([1.0] * 60, [2.0] * 60, {Verdict.ALARM}),
    "tiny scale": (
        list(1 + 1e-5 * RNG.normal(size=2000)),
        list(1 + 3e-5 + 1e-5 * RNG.normal(size=500)),
        {Verdict.ALARM},
    ),
    "one outlier": ([*RNG.normal(size=1999), 1e12], list(RNG.normal(size=500)), {Verdict.OK}),
    "shift behind an outlier": ([*RNG.normal(size=1999), 1e12], list(RNG.normal(3, 1, 500)), {Verdict.ALARM}),
    "infinite": (list(RNG.normal(size=500)), [*RNG.normal(size=90), *[np.inf] * 10], {Verdict.ALARM}),
    "one row now": (list(RNG.normal(size=500)), [1.0], {Verdict.NOT_ENOUGH_DATA}),
    "one row before": ([1.0], list(RNG.normal(size=500)), {Verdict.NOT_ENOUGH_DATA}),
    "one row each": ([1.0], [1.0], {Verdict.NOT_ENOUGH_DATA}),
    "mixed types": ([1, "a", 2.5] * 30, [1, "a", 2.5] * 30, {Verdict.OK}),
    "number becomes text": (list(RNG.normal(size=500)), ["a", "b"] * 50, {Verdict.ALARM}),
    "text becomes number": (["a", "b"] * 250, list(RNG.normal(size=100)), {Verdict.ALARM}),
    "an unseen level": (["a", "b"] * 250, ["a", "b", "z"] * 50, {Verdict.ALARM}),
    "whole numbers as floats": ([float(i % 7) for i in range(700)], [i % 7 for i in range(350)], {Verdict.OK}),
    "huge": ([1e300, -1e300] * 100, [1e300, -1e300] * 50, {Verdict.OK}),
    "booleans": ([True, False] * 200, [True] * 100, {Verdict.ALARM}),
    "ids": ([f"id-{i:05}" for i in range(500)], [f"id-{i:05}" for i in range(500, 700)], {Verdict.OK}),
}


@pytest.mark.parametrize("case", UGLY)
def test_ugly_data_never_crashes_never_passes_silently_and_never_spoils_its_neighbours(case: str) -> None:
    before, now, expected = UGLY[case]
    rng = np.random.default_rng(4)
    neighbours = [{"good": rng.normal(size=len(side))} for side in (before, now)]
    comparison = compare({"ugly": before, **neighbours[0]}, {"ugly": now, **neighbours[1]})
    ugly = [finding for finding in comparison.findings if finding.feature == "ugly"]
    assert {watchkeeper_worst(ugly)} <= expected
    good = {finding.verdict for finding in comparison.findings if finding.feature == "good"}
    assert good <= {Verdict.OK, Verdict.NOT_ENOUGH_DATA}
    assert json.loads(comparison.to_json())["verdict"] == comparison.verdict


def watchkeeper_worst(findings: list[Any]) -> Verdict:
    from watchkeeper.events.verdict import worst

    return worst(finding.verdict for finding in findings)


def test_swapping_rows_changes_nothing() -> None:
    order = RNG.permutation(300)
    shuffled = {name: np.asarray(values)[order] for name, values in MOVED.items()}
    assert compare(BEFORE, MOVED).findings == compare(BEFORE, shuffled).findings


def test_it_shows_itself() -> None:
    comparison = compare(BEFORE, MOVED)
    assert "alarm" in repr(comparison)
    assert "<table>" in comparison._repr_html_()
    page = comparison.to_html()
    assert page.lstrip().lower().startswith("<!doctype html")


def test_bad_input_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="no column in common"):
        compare(BEFORE, {"z": [1.0]})


def test_time_is_left_out_of_the_columns() -> None:
    hours = pa.array(np.arange(1000) * 3_600_000_000).cast(pa.timestamp("us"))
    comparison = compare({**BEFORE, "at": hours}, {**SAME, "at": hours.slice(0, 300)}, time="at")
    assert {finding.feature for finding in comparison.findings} == {"x", "c"}
    assert {finding.null for finding in comparison.findings} == {"blocks"}
