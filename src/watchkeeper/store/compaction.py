"""Many small record files of a day into few large ones, so that queries and directories stay fast.

The merged file is written first; one transaction names it and un-names the small ones; then these are unlinked. At any
moment a reader finds each row once.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.store.records import RecordFile, Records

AT_LEAST = 8
"""Small files of a day before merging them pays."""

_SMALL_BYTES = 8 << 20
_BYTES_AT_ONCE = 24 << 20


def compact_one(records: Records) -> int:
    """Merge some small files of one crowded day; how many files were merged, 0 when no day is crowded."""
    for kind, model, day in records.crowded(AT_LEAST):
        small = _small_files(records.of_day(kind, model, day))
        if len(small) >= AT_LEAST:
            merge(records, kind, model, small)
            return len(small)
    return 0


def merge(records: Records, kind: str, model: str, files: list[RecordFile]) -> None:
    """Put one file (of one day) in the place of `files`; columns that some of them lack are null there."""
    tables = [pq.read_table(records.path(file), partitioning=None) for file in files]
    merged = pa.concat_tables(tables, promote_options="permissive").sort_by("event_time")
    records.replace(files, records.write(kind, model, merged))


def _small_files(files: list[RecordFile]) -> list[RecordFile]:
    """The files worth merging, as many as fit in memory at once."""
    chosen: list[RecordFile] = []
    total = 0
    for file in files:
        if file.bytes < _SMALL_BYTES and total + file.bytes <= _BYTES_AT_ONCE:
            chosen.append(file)
            total += file.bytes
    return chosen
