from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.parquet_source import ParquetSource, parquet_files


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(1000), "b": range(1000)}), tmp_path / "t.parquet", row_group_size=100)
    batches = list(ParquetSource([tmp_path / "t.parquet"], batch_rows=64).batches(["b"]))
    assert {tuple(batch.column_names) for batch in batches} == {("b",)}
    assert sum(batch.num_rows for batch in batches) == 1000


def test_files_are_found_by_name_in_order(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.pq", ".hidden.parquet", "c.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in parquet_files(tmp_path)] == ["a.pq", "b.parquet"]


def test_a_page_damaged_in_the_middle_is_told_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [f"text {i}" for i in range(5000)]}), path)
    data = bytearray(path.read_bytes())
    data[100:20_000] = b"\xff" * 19_900
    path.write_bytes(data)
    with pytest.raises(BadInput, match="cannot be read"):
        list(ParquetSource([path]).batches(["a"]))
