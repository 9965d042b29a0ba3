"""Whatever holds rows, opened as a source: small files in memory, large ones in batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.arrow_source import ArrowSource
from watchkeeper.schema.parquet_source import ParquetSource, parquet_files
from watchkeeper.schema.source import Source, held, in_memory
from watchkeeper.schema.text_source import CsvSource, JsonSource

IN_MEMORY = 128 << 20
"""Bytes up to which a file is read whole: in memory for Parquet, on disk (which is less) for the others."""
_STREAMS: dict[str, Callable[[Path], Source]] = {
    ".csv": CsvSource,
    ".arrow": ArrowSource,
    ".feather": ArrowSource,
}


def as_source(data: Any, *, in_memory_bytes: int = IN_MEMORY) -> Source:
    """`data` as a source: anything that `as_table` takes, or a folder of Parquet files. Raises BadInput."""
    if not isinstance(data, str | Path):
        return in_memory(data)
    path = Path(data)
    if path.is_dir() or path.suffix.lower() in (".parquet", ".pq"):
        parquet = ParquetSource(parquet_files(path) if path.is_dir() else [path])
        return parquet if parquet.bytes > in_memory_bytes else held(parquet)
    large = path.is_file() and path.stat().st_size > in_memory_bytes // 4
    if path.suffix.lower() in (".jsonl", ".ndjson") and path.is_file():
        return JsonSource(path) if large else held(JsonSource(path))
    stream = _STREAMS.get(path.suffix.lower())
    if stream is not None and large:
        try:
            return stream(path)
        except BadInput:
            if stream is not ArrowSource:
                raise
    return in_memory(path)
