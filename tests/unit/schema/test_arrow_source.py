from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.feather

from watchkeeper.schema.arrow_source import ArrowSource


def test_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.feather"
    pa.feather.write_feather(pa.table({"a": range(10), "b": range(10), "c": range(10)}), path, chunksize=4)
    batches = list(ArrowSource(path).batches(["c", "a"]))
    assert [batch.num_rows for batch in batches] == [4, 4, 2]
    assert batches[0].column_names == ["c", "a"]
