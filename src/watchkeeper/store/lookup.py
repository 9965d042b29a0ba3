"""Predictions by ID, thousands at once: what a label needs to know of the prediction that it is about.

Prediction IDs sort by the time they were minted, and rows arrive about in that order. So the catalogue's bounds leave
few files, the bounds of their row groups few groups, and of those the IDs are read first, the rest only where one of
them is wanted: labels of yesterday cost the same whatever the length of the history. The caller's own IDs have no
order; for them every group that has any is read once, and what it holds is remembered (`OwnIds`).
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from watchkeeper.events.inference import OUTPUT, TIMESTAMP
from watchkeeper.store.own_ids import OwnIds
from watchkeeper.store.records import RecordFile, Records

ID, REQUEST = "prediction_id", "request_id"
COLUMNS = (ID, REQUEST, "event_time", "receive_time", "status", "version", "route")
"""What is told of a prediction, beside its outputs."""

_FILES_AT_ONCE = 2
_log = logging.getLogger(__name__)


class Lookup:
    """Looks predictions up in the record files of one data directory."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._own = OwnIds()

    def by_id(self, model: str, ids: Sequence[str]) -> pa.Table:
        """Those predictions of `ids` that are kept: COLUMNS and every `output.…`, in no order; texts as strings."""
        wanted = sorted(set(ids))
        if not wanted:
            return nothing()
        files = self._records.files(model, ids=(wanted[0], wanted[-1]))
        return self._all((file, ID, some) for file in files if (some := _within(wanted, file)))

    def by_request(self, model: str, request_ids: Sequence[str]) -> pa.Table:
        """Every row that is kept of the requests with these IDs of the caller's, as `by_id` gives them."""
        wanted = sorted(set(request_ids))
        if not wanted:
            return nothing()
        files = self._records.files(model)
        self._own.keep_only(model, files)
        return self._all((file, REQUEST, some) for file in files if (some := self._own.among(file, wanted)))

    def _all(self, wanted: Iterable[tuple[RecordFile, str, Sequence[str]]]) -> pa.Table:
        """What each file has of what is wanted in it, two files at a time."""
        with ThreadPoolExecutor(_FILES_AT_ONCE) as pool:
            return _joined(list(pool.map(lambda asked: self._read(*asked), wanted)))

    def _read(self, file: RecordFile, key: str, wanted: Sequence[str]) -> pa.Table | None:
        try:
            return self._opened(file, key, wanted)
        except (OSError, pa.ArrowException):
            _log.exception("Record file %s cannot be read: its predictions count as not kept.", file.path)
            return None

    def _opened(self, file: RecordFile, key: str, wanted: Sequence[str]) -> pa.Table | None:
        with pq.ParquetFile(self._records.path(file)) as opened:
            names = [field.name for field in opened.schema_arrow]
            columns = [name for name in names if name in COLUMNS or name.startswith(OUTPUT)]
            if key == REQUEST and not self._own.knows(file) and any(_groups(opened, key, wanted)):
                self._own.learn(file, _own_ids(opened))
                wanted = self._own.among(file, wanted)
            found = matching(opened, key, wanted, columns)
        return pa.concat_tables(found) if found else None


def matching(file: pq.ParquetFile, key: str, wanted: Sequence[str], columns: list[str]) -> list[pa.Table]:
    """The rows of `file` whose `key` is one of `wanted` (sorted), with `columns`: only what may hold some is read."""
    parts = [_rows(file, group, key, some, columns) for group, some in _groups(file, key, wanted)]
    return [part for part in parts if part is not None]


def select(table: pa.Table, key: str, wanted: Sequence[str]) -> pa.Table:
    """The rows of record `table` whose `key` (ID or REQUEST) is one of `wanted`, in the form of `Lookup.by_id`."""
    places = np.flatnonzero(pc.is_in(table.column(key), value_set=pa.array(wanted, pa.string())).to_numpy())
    columns = [name for name in table.column_names if name in COLUMNS or name.startswith(OUTPUT)]
    return _plain(table.select(columns).take(pa.array(places)))


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of `tables` in that order; an output that some of them lack is missing there."""
    return _joined(list(tables))


def nothing() -> pa.Table:
    """No prediction."""
    kinds = {ID: pa.string(), REQUEST: pa.string(), "status": pa.int16(), "version": pa.string(), "route": pa.string()}
    return pa.table({name: pa.array([], kinds.get(name, TIMESTAMP)) for name in COLUMNS})


def _within(wanted: Sequence[str], file: RecordFile) -> Sequence[str]:
    return wanted[bisect_left(wanted, file.first_id) : bisect_right(wanted, file.last_id)]


def _groups(file: pq.ParquetFile, key: str, wanted: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The row groups that may hold some of `wanted` (sorted), with these."""
    place = _place(file, key)
    for group in range(file.num_row_groups):
        statistics = file.metadata.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max:
            if statistics is None or statistics.null_count != file.metadata.row_group(group).num_rows:
                yield group, wanted
            continue
        some = wanted[bisect_left(wanted, statistics.min) : bisect_right(wanted, statistics.max)]
        if some:
            yield group, some


def _rows(file: pq.ParquetFile, group: int, key: str, wanted: Sequence[str], columns: list[str]) -> pa.Table | None:
    keys = file.read_row_group(group, columns=[key], use_threads=False)
    found = np.flatnonzero(pc.is_in(keys.column(0), value_set=pa.array(wanted, pa.string())).to_numpy())
    if not found.size:
        return None
    places = pa.array(found)
    rest = [name for name in columns if name != key]  # the key is the largest column: never read it twice
    rows = file.read_row_group(group, columns=rest, use_threads=False).take(places)
    return _plain(rows.append_column(keys.schema.field(0), keys.column(0).take(places)).select(columns))


def _own_ids(file: pq.ParquetFile) -> list[str]:
    """The callers' own IDs in `file`; nothing is read of a file that has none."""
    if _has_none(file, REQUEST):
        return []
    ids: list[str] = file.read(columns=[REQUEST], use_threads=False).column(0).drop_null().to_pylist()
    return ids


def _has_none(file: pq.ParquetFile, key: str) -> bool:
    place = _place(file, key)
    for group in range(file.num_row_groups):
        found = file.metadata.row_group(group)
        statistics = found.column(place).statistics
        if statistics is None or statistics.null_count != found.num_rows:
            return False
    return True


def _place(file: pq.ParquetFile, key: str) -> int:
    place: int = file.schema_arrow.get_field_index(key)
    return place


def _joined(parts: Sequence[pa.Table | None]) -> pa.Table:
    return pa.concat_tables([nothing(), *(part for part in parts if part is not None)], promote_options="permissive")


def _plain(table: pa.Table) -> pa.Table:
    """Dictionaries as texts, times in microseconds: what a file and what memory holds are then alike."""
    fields = [pa.field(field.name, _plain_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    return TIMESTAMP if pa.types.is_timestamp(kind) else kind
