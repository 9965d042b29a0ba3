from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import watchkeeper
from tests.helpers.histories import ASKED, WITH_LABELS, history, replayed
from watchkeeper.backtest.backtest import SCHEMA, Backtest, backtest
from watchkeeper.events.errors import BadInput


def test_the_names_that_stay() -> None:
    assert watchkeeper.backtest is backtest
    found = replayed()
    assert isinstance(found, watchkeeper.Backtest)
    assert len(found.windows) == len(found.verdicts) == found.summary.windows == 50
    assert "2 pages" in repr(found)
    assert found._repr_html_().startswith("<div>")
    assert found.to_html().lstrip().lower().startswith("<!doctype html")


def test_the_json_says_all() -> None:
    document = json.loads(replayed().to_json(), parse_constant=pytest.fail)
    assert (document["schema"], document["task"], document["classes"]) == (SCHEMA, "binary", ["false", "true"])
    assert (document["reference_rows"], document["reference_blocks"]) == (2400, 40)
    assert len(document["windows"]) == 50
    assert document["windows"][0]["realised"]["roc_auc"]["value"] > 0.5


@pytest.mark.parametrize("kind", ["pandas", "polars", "mapping", "path"])
def test_any_table_will_do(kind: str, tmp_path: Path) -> None:
    table: Any = history()
    match kind:
        case "pandas":
            table = table.to_pandas()
            assert isinstance(table, pd.DataFrame)
        case "polars":
            table = pl.DataFrame(table)
        case "mapping":
            table = {name: table[name].to_pylist() for name in table.column_names}
        case "path":
            pq.write_table(table, tmp_path / "flights.parquet")
            table = tmp_path / "flights.parquet"
    found = backtest(table, **ASKED, ignore=("said", "truth", "score"))
    assert isinstance(found, Backtest)
    assert found.verdicts == replayed(labels=False).verdicts
    assert found.document.name == ("flights" if kind == "path" else "history")


def test_rows_in_any_order_give_the_same_bits() -> None:
    shuffled = history().to_pandas().sample(frac=1, random_state=1)
    assert backtest(shuffled, **WITH_LABELS).summary == replayed().summary


def test_a_short_reference_still_runs_and_says_what_is_not_known() -> None:
    found = backtest(history(), **{**WITH_LABELS, "reference_until": "1970-01-06"})
    assert found.document.reference_blocks == 5
    assert any("5 blocks of time; 8 are needed" in note for note in found.document.notes)
    assert found.summary.harm is not None
    assert (found.summary.harm.line, found.summary.harm.harmed) == (None, 0)
    assert {window.harmed for window in found.windows} == {None}


def test_progress_is_told() -> None:
    told: list[tuple[str, float]] = []
    backtest(history(), **ASKED, progress=lambda stage, share: told.append((stage, share)))
    assert told[-1] == ("judging windows", 1.0)


def test_bad_input_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="no column 'when'"):
        backtest(history(), time="when", reference_until="1970-02-01")
