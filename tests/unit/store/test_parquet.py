"""How record files are written."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.helpers.watching import START, batch
from watchkeeper.store.parquet import extent, write_parquet


def test_a_file_is_compressed_and_texts_are_encoded(tmp_path: Path) -> None:
    table = pa.Table.from_batches([batch([START] * 50).replace_schema_metadata(None)])
    size = write_parquet(table, tmp_path / "x.parquet")
    with pq.ParquetFile(tmp_path / "x.parquet") as file:
        assert file.read().num_rows == 50
        group = file.metadata.row_group(0)
        columns = {group.column(k).path_in_schema: group.column(k) for k in range(group.num_columns)}
    assert size == (tmp_path / "x.parquet").stat().st_size
    assert columns["input.distance"].compression == "ZSTD"
    assert columns["input.carrier"].has_dictionary_page
    assert not columns["input.distance"].has_dictionary_page


def test_the_extent_of_times_is_microseconds() -> None:
    assert extent(batch([START + 5, START]).column("event_time")) == (START * 1_000_000, (START + 5) * 1_000_000)
    assert extent(pa.array(["b", "a"])) == ("a", "b")
