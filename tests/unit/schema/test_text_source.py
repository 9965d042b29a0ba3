from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from watchkeeper.schema.text_source import CsvSource, JsonSource

LATE = {
    "1": "0.5",
    "true": "x",
    "2020-01-01": "2020-01-01 10:00:00",
    "": "7",
    "10:00:00": "soon",
    "2020-01-01 10:00:00": "2020-01-01 10:00:00.123",
}


@pytest.mark.parametrize("early", LATE)
def test_a_type_proved_wrong_late_is_loosened_as_arrow_would(early: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + f"{early},1\n" * 500 + f"{LATE[early]},2\n")
    source, whole = CsvSource(path, block=600), pa.csv.read_csv(path)
    assert source.fields == whole.schema
    parts = [batch.column("a") for batch in source.batches(["a"])]
    assert len(parts) > 1
    assert [value for part in parts for value in part.to_pylist()] == whole["a"].to_pylist()


def test_a_column_that_comes_late_is_missing_before(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n' * 50 + '{"a": 2, "b": "x"}\n')
    source = JsonSource(path, block=100)
    values = [value for batch in source.batches(["b"]) for value in batch.column("b").to_pylist()]
    assert values == [None] * 50 + ["x"]
