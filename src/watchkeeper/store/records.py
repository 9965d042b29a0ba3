"""Records: Parquet files, and the catalogue that says which of them count.

The catalogue decides what is read; a file that it does not name does not exist for a reader. So the order is always:
write a file whole, then one transaction that names it; or one transaction that no longer names it, then unlink it. A
crash between the two leaves a file that nobody reads, which `clean` removes at the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.files import PART
from watchkeeper.store.parquet import extent, write_parquet
from watchkeeper.store.tables import record_files

INFERENCE, FEEDBACK = "inference", "feedback"
_FOLDERS = {INFERENCE: "records", FEEDBACK: "feedback"}
_DAY_US = 86_400_000_000


class RecordFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `path` is relative to the data directory; `first_event`, `last_event` are Unix microseconds.

    `first_id` and `last_id` bound the prediction IDs in it, inclusive.
    """

    path: str
    kind: str
    model: str
    day: str
    rows: int
    bytes: int
    first_event: int
    last_event: int
    first_id: str
    last_id: str


class Records:
    """The catalogue, and the files under `data_dir`. `mint` gives a new file name each time."""

    def __init__(self, database: Database, data_dir: Path, mint: Callable[[], str]) -> None:
        self._database = database
        self.data_dir = data_dir
        self._mint = mint

    def write(self, kind: str, model: str, table: pa.Table) -> list[RecordFile]:
        """Write the rows of `table`, which ascend by event time, one file a day. Not catalogued yet: see `add`."""
        times = table.column("event_time").cast(pa.int64()).to_numpy()
        days = times // _DAY_US
        bounds = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(days)]
        return [self._write_day(kind, model, int(days[a]), table.slice(a, b - a)) for a, b in pairwise(bounds) if b > a]

    def add(self, files: Sequence[RecordFile]) -> None:
        """Name `files` in the catalogue: from the commit on, they count."""
        if files:
            with self._database.begin() as connection:
                connection.execute(sa.insert(record_files), [msgspec.structs.asdict(file) for file in files])

    def files(
        self,
        model: str,
        kind: str = INFERENCE,
        *,
        start: int | None = None,
        end: int | None = None,
        ids: tuple[str, str] | None = None,
    ) -> list[RecordFile]:
        """Files that may hold events in [start, end) (Unix microseconds) and prediction IDs in `ids`, newest first."""
        c = record_files.c
        conditions = [c.kind == kind, c.model == model]
        conditions += [] if start is None else [c.last_event >= start]
        conditions += [] if end is None else [c.first_event < end]
        conditions += [] if ids is None else [c.first_id <= ids[1], c.last_id >= ids[0]]
        query = sa.select(record_files).where(*conditions).order_by(c.last_event.desc(), c.path)
        with self._database.read() as connection:
            return [RecordFile(**row._mapping) for row in connection.execute(query)]

    def count(self, model: str, kind: str = INFERENCE) -> int:
        """Rows kept of one model."""
        c = record_files.c
        with self._database.read() as connection:
            found = connection.execute(sa.select(sa.func.sum(c.rows)).where(c.kind == kind, c.model == model))
            return int(found.scalar() or 0)

    def replace(self, old: Iterable[RecordFile], new: Sequence[RecordFile]) -> None:
        """Put `new` in the place of `old` in one transaction, then unlink the old files."""
        gone = list(old)
        with self._database.begin() as connection:
            connection.execute(
                sa.delete(record_files).where(record_files.c.path == sa.bindparam("gone")),
                [{"gone": file.path} for file in gone],
            )
            self.add(new)
        for file in gone:
            self.path(file).unlink(missing_ok=True)

    def expire(self, model: str, before: int) -> int:
        """Forget and delete files whose last event is before `before` (Unix microseconds); rows deleted."""
        c = record_files.c
        with self._database.read() as connection:
            found = connection.execute(sa.select(record_files).where(c.model == model, c.last_event < before)).all()
        files = [RecordFile(**row._mapping) for row in found]
        if files:
            self.replace(files, [])
        return sum(file.rows for file in files)

    def crowded(self, at_least: int) -> list[tuple[str, str, str]]:
        """(kind, model, day) with `at_least` files or more, the fullest first."""
        c = record_files.c
        number = sa.func.count()
        query = sa.select(c.kind, c.model, c.day).group_by(c.kind, c.model, c.day).having(number >= at_least)
        with self._database.read() as connection:
            return [(row.kind, row.model, row.day) for row in connection.execute(query.order_by(number.desc()))]

    def of_day(self, kind: str, model: str, day: str) -> list[RecordFile]:
        """The files of one day, oldest name first."""
        c = record_files.c
        query = sa.select(record_files).where(c.kind == kind, c.model == model, c.day == day).order_by(c.path)
        with self._database.read() as connection:
            return [RecordFile(**row._mapping) for row in connection.execute(query)]

    def clean(self) -> int:
        """Remove files that the catalogue does not name, left by a crash. Only for the one process that writes."""
        with self._database.read() as connection:
            named = {row.path for row in connection.execute(sa.select(record_files.c.path))}
        removed = 0
        for folder in _FOLDERS.values():
            for path in (self.data_dir / folder).glob("model=*/day=*/*"):
                if path.suffix in (".parquet", PART) and str(path.relative_to(self.data_dir)) not in named:
                    path.unlink()
                    removed += 1
        return removed

    def path(self, file: RecordFile) -> Path:
        """Where the file lies."""
        return self.data_dir / file.path

    def _write_day(self, kind: str, model: str, day: int, table: pa.Table) -> RecordFile:
        name = str(np.datetime64(day, "D"))
        path = Path(_FOLDERS[kind]) / f"model={model}" / f"day={name}" / f"{self._mint()}.parquet"
        size = write_parquet(table, self.data_dir / path)
        ends: dict[str, Any] = {}
        ends["first_event"], ends["last_event"] = extent(table.column("event_time"))
        ends["first_id"], ends["last_id"] = extent(table.column("prediction_id"))
        return RecordFile(path=str(path), kind=kind, model=model, day=name, rows=table.num_rows, bytes=size, **ends)
