"""DuckDB reads under the data directory and nowhere else, and stops in time."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.events.errors import Unavailable
from watchkeeper.store.duck import Duck, identifier

READ = "SELECT * FROM read_parquet($files) WHERE x > $least"


def test_rows_are_read_with_parameters(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2, 3]}), tmp_path / "a.parquet")
    duck = Duck(tmp_path)
    found = duck.rows(READ, {"files": [str(tmp_path / "a.parquet")], "least": 1})
    assert found.column("x").to_pylist() == [2, 3]
    duck.close()
    duck.close()


def test_files_outside_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table({"x": [1]}), tmp_path / "secret.parquet")
    duck = Duck(tmp_path / "data")
    for path in (tmp_path / "secret.parquet", tmp_path / "data" / ".." / "secret.parquet"):
        with pytest.raises(duckdb.Error):
            duck.rows(READ, {"files": [str(path)], "least": 0})
    with pytest.raises(duckdb.Error):
        duck.rows("SET enable_external_access = true", {})
    duck.close()


def test_a_query_without_an_end_is_stopped(tmp_path: Path) -> None:
    duck = Duck(tmp_path, timeout=0.1)
    with pytest.raises(Unavailable, match="took longer"):
        duck.rows("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", {})
    duck.close()


def test_a_quoted_name_is_one_name() -> None:
    assert identifier('a"; DROP TABLE x; --') == '"a""; DROP TABLE x; --"'
