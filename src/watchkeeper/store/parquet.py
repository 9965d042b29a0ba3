"""Parquet files of records: how they are written, and where.

Hive layout, `<folder>/model=M/day=YYYY-MM-DD/<uuid7>.parquet`; rows within a file ascend by event time. Texts are
dictionary-encoded; numbers are not (few repeat, and trying costs more than it saves); zstd level 1 for all.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchkeeper.store.files import whole_file

_GROUP_ROWS = 1 << 17
_UNIQUE = ("prediction_id", "request_id", "feedback_id")


def write_parquet(table: pa.Table, path: Path) -> int:
    """Write `table` to `path`, whole and synced; its size in bytes."""
    texts = [field.name for field in table.schema if _is_text(field.type) and field.name not in _UNIQUE]
    with whole_file(path) as part:
        pq.write_table(
            table,
            part,
            compression="zstd",
            compression_level=1,
            use_dictionary=texts,
            store_schema=False,
            row_group_size=_GROUP_ROWS,  # whoever looks for some IDs reads only the groups that may hold them
        )
        return part.stat().st_size


def extent(column: pa.ChunkedArray | pa.Array) -> tuple[object, object]:
    """(smallest, largest) value of a column without nulls; times as whole microseconds."""
    found = pc.min_max(column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column)
    return found["min"].as_py(), found["max"].as_py()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_dictionary(kind) or pa.types.is_string(kind)
