"""Every file format in batches gives what reading it whole gives; damaged ones are refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.arrow_source import ArrowSource
from watchkeeper.schema.opening import as_source
from watchkeeper.schema.parquet_source import ParquetSource
from watchkeeper.schema.source import Source, held
from watchkeeper.schema.table import as_table
from watchkeeper.schema.text_source import CsvSource, JsonSource

RNG = np.random.default_rng(0)
N = 2000
TABLE = pa.table(
    {
        "number": RNG.normal(size=N),
        "late float": pa.array([*range(N - 1), 0.5]),
        "late text": pa.array([*(str(i) for i in range(N - 1)), "x"]),
        "late value": pa.array([*[None] * (N - 1), 3]),
        "level": pa.array(["a", None, "b", "b"] * (N // 4)),
        "day": pa.array([f"2020-01-{1 + i % 28:02}" for i in range(N)]),
    }
)


def written(kind: str, folder: Path) -> tuple[Path, Source]:
    path = folder / f"t.{kind}"
    match kind:
        case "parquet":
            pq.write_table(TABLE, path, row_group_size=300)
            return path, ParquetSource([path], batch_rows=170)
        case "csv":
            pa.csv.write_csv(TABLE, path)
            return path, CsvSource(path, block=2000)
        case "jsonl":
            path.write_text("\n".join(json.dumps(row) for row in TABLE.to_pylist()))
            return path, JsonSource(path, block=2000)
        case _:
            pa.feather.write_feather(TABLE, path, chunksize=300)
            return path, ArrowSource(path)


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_batches_hold_the_rows_and_types_of_the_whole(kind: str, tmp_path: Path) -> None:
    path, source = written(kind, tmp_path)
    whole = as_table(path)
    assert source.rows == whole.num_rows
    assert source.fields.equals(whole.schema, check_metadata=False)
    names = ["level", "number", "late text"]
    batches = list(source.batches(names))
    assert len(batches) > 3
    assert pa.concat_tables(batches, promote_options="permissive").select(names).cast(
        whole.select(names).schema
    ) == whole.select(names)
    for name in whole.column_names:
        parts = [batch.column(name).cast(whole.schema.field(name).type) for batch in source.batches([name])]
        assert pa.chunked_array([c for part in parts for c in part.chunks]).to_pylist() == whole[name].to_pylist()


def test_json_lines_do_not_depend_on_the_blocks(tmp_path: Path) -> None:
    path, _ = written("jsonl", tmp_path)
    small, large = held(JsonSource(path, block=2000)), held(JsonSource(path))
    assert small.fields == large.fields
    for name in small.fields.names:
        (one,), (other,) = small.batches([name]), large.batches([name])
        assert one.column(name).to_pylist() == other.column(name).to_pylist()


def test_a_json_column_of_mixed_types_becomes_text_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(json.dumps({"x": i, "y": i if i < 50 else "z"}) for i in range(100)))
    for block in (200, 1 << 20):
        source = held(JsonSource(path, block=block))
        assert source.fields.field("x").type == pa.int64()
        (table,) = source.batches(["x", "y"])
        assert table["y"].to_pylist()[49:51] == ["49", "z"]


def test_text_that_parquet_keeps_as_a_dictionary_is_still_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"c": RNG.choice(["aa", "bb"], 5000)}), path)
    source = ParquetSource([path])
    assert source.fields.field("c").type == pa.string()
    (batch,) = source.batches(["c"])
    assert pa.types.is_dictionary(batch.column("c").type)


def test_a_folder_of_files_is_one_table(tmp_path: Path) -> None:
    for i, columns in enumerate(({"x": [1, 2], "y": ["a", "b"]}, {"x": [0.5]}, {"x": ["q"], "y": ["c"]})):
        (tmp_path / f"day={i}").mkdir()
        pq.write_table(pa.table(columns), tmp_path / f"day={i}" / "part.parquet")
    (tmp_path / "_log").mkdir()
    (tmp_path / "_log" / "x.parquet").write_bytes(b"no table")
    source = as_source(tmp_path)
    assert source.rows == 4
    (table,) = held(source).batches(["x", "y"])
    assert table["x"].to_pylist() == ["1", "2", "0.5", "q"]
    assert table["y"].to_pylist() == ["a", "b", None, "c"]


def test_names_that_repeat_are_left_out_and_named() -> None:
    frame = pd.DataFrame([[1, 2, 3.0]], columns=["a", "a", "b"])
    source = as_source(frame)
    assert (source.fields.names, source.repeated) == (["b"], ("a",))


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl", "arrow"])
def test_a_large_file_is_not_read_whole(kind: str, tmp_path: Path) -> None:
    path, _ = written(kind, tmp_path)
    assert type(as_source(path, in_memory_bytes=100)).__name__ != "TableSource"
    assert type(as_source(path)).__name__ == "TableSource"


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no Parquet file in"):
        as_source(tmp_path)
    for kind in ("parquet", "arrow", "jsonl"):
        path = tmp_path / f"t.{kind}"
        path.write_bytes(b"PAR1 half {")
        with pytest.raises(BadInput, match="cannot be read"):
            as_source(path, in_memory_bytes=1)
    with pytest.raises(BadInput, match="There is no file"):
        as_source(tmp_path / "none.parquet")
