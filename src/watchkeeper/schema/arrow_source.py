"""Arrow (Feather 2) files read by record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc

from watchkeeper.schema.source import unique_fields
from watchkeeper.schema.table import unreadable, without_views


class ArrowSource:
    """One file in Arrow's IPC format. Raises BadInput where it is damaged."""

    apart = True

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pa.OSFile(str(path)) as file:
                reader = pa.ipc.open_file(file)
                schema, self._number = reader.schema, reader.num_record_batches
                self.rows: int = sum(reader.get_batch(i).num_rows for i in range(self._number))
        except (pa.ArrowException, OSError) as error:
            raise unreadable(path, error) from error
        self._names = list(schema.names)
        self.fields, self.repeated = unique_fields(schema)

    def batches(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        wanted = sorted(columns, key=self._names.index)
        options = pa.ipc.IpcReadOptions(included_fields=[self._names.index(name) for name in wanted])
        try:
            with pa.OSFile(str(self._path)) as file:
                reader = pa.ipc.open_file(file, options=options)
                for i in range(self._number):
                    yield without_views(pa.Table.from_batches([reader.get_batch(i)])).select(list(columns))
        except (pa.ArrowException, OSError) as error:
            raise unreadable(self._path, error) from error
