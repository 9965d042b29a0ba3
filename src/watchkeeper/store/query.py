"""Records by filter, newest first, and one record's whole story.

Files are read newest first, a few at a time, until the page is full and no unread file can hold a newer row; so the
first page of a long history costs no more than that of a short one. Pages go on from a cursor (event time and ID of the
last row), so rows that arrive between two pages shift nothing. A file that cannot be read is left out and named; one
that was merged into another between the catalogue and the reading makes the question be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.events.inference import INPUT, OUTPUT
from watchkeeper.store.duck import Duck, identifier
from watchkeeper.store.records import FEEDBACK, INFERENCE, RecordFile, Records

MAX_PAGE = 1000
_FILES_AT_ONCE = 16
_TRIES = 3
T = TypeVar("T")


class RecordFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which records. Times are Unix microseconds of event time, half-open [start, end).

    `flags` matches rows with any of its bits; `failed` rows with a status of 400 or more (or, if False, without).
    `prediction_id` is that of one row, or of a request, which matches all its rows (`ID:0`, `ID:1`, …).
    `output` names an output whose value lies in [minimum, maximum]; `label` one whose text is exactly that.
    """

    start: int | None = None
    end: int | None = None
    version: str | None = None
    route: str | None = None
    status: int | None = None
    failed: bool | None = None
    flags: int = 0
    prediction_id: str | None = None
    output: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    label: str | None = None


class StoredFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """Feedback as it was stored. Times are Unix microseconds."""

    feedback_id: str
    prediction_id: str
    kind: str
    number: float | None
    text: str | None
    event_time: int
    receive_time: int
    source: str | None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One inference with what came back for it. Times are Unix microseconds; `flags` are the bits of `schema.Fault`."""

    prediction_id: str
    request_id: str | None
    event_time: int
    receive_time: int
    model: str
    version: str
    route: str
    status: int
    error: str | None
    latency_us: int
    flags: int
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    feedback: tuple[StoredFeedback, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Records newest first. `cursor` asks for the next page, None on the last. `unreadable` names damaged files."""

    records: tuple[Record, ...]
    cursor: str | None = None
    unreadable: tuple[str, ...] = ()


class _Condition(NamedTuple):
    sql: str
    parameters: dict[str, Any]


class _Gone(Exception):
    """A file that the catalogue named is there no more."""


class RecordQueries:
    """Questions to the record files. Safe to use from several threads."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._duck = Duck(records.data_dir)

    def page(self, model: str, wanted: RecordFilter, *, limit: int = 100, cursor: str | None = None) -> Page:
        """Up to `limit` records that match, newest first. Raises BadInput for a filter that makes no sense."""
        limit = min(max(limit, 1), MAX_PAGE)
        after = _parse_cursor(cursor)
        rows, unreadable = self._again(lambda strict: self._newest(model, wanted, after, limit + 1, strict=strict))
        found = _records(model, rows[:limit])
        more = len(rows) > limit
        return Page(
            records=self._with_feedback(model, found),
            cursor=f"{found[-1].event_time}~{found[-1].prediction_id}" if more else None,
            unreadable=unreadable,
        )

    def get(self, model: str, prediction_id: str) -> Record:
        """One record with its feedback; NotFound if it is not kept (any more)."""
        found = self.page(model, RecordFilter(prediction_id=prediction_id), limit=1).records
        if found and found[0].prediction_id == prediction_id:
            return found[0]
        raise NotFound(
            f"Model {model!r} has no record of prediction {prediction_id[:80]!r}.",
            hint=f"It was a request of several rows; ask for one of them, such as {found[0].prediction_id}."
            if found
            else "A record appears a moment after its answer, and expires after the model's retention.",
        )

    def feedback(self, model: str, ids: Sequence[str]) -> list[StoredFeedback]:
        """Feedback on the predictions `ids`, by event time."""
        if not ids:
            return []
        condition = _Condition("prediction_id IN (SELECT unnest($ids))", {"ids": list(ids)})

        def ask(strict: bool) -> pa.Table | None:
            files = self._records.files(model, FEEDBACK, ids=(min(ids), max(ids)))
            return self._scan(files, condition, "event_time, feedback_id", MAX_PAGE * 10, strict=strict)[0]

        return [msgspec.convert(row, StoredFeedback) for row in _rows(self._again(ask))]

    def close(self) -> None:
        """Release the memory of the query engine."""
        self._duck.close()

    def _again(self, ask: Callable[[bool], T]) -> T:
        """The answer, asked anew while files that were catalogued are gone: a merge has put others in their place."""
        for _ in range(_TRIES):
            try:
                return ask(True)
            except _Gone:
                continue
        return ask(False)

    def _newest(
        self, model: str, wanted: RecordFilter, after: tuple[int, str] | None, limit: int, *, strict: bool
    ) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """The newest `limit` matching rows, and the files that could not be read."""
        # ';' comes right after ':', so these ends hold the rows of a request too
        ids = None if wanted.prediction_id is None else (wanted.prediction_id, f"{wanted.prediction_id};")
        end = wanted.end if after is None else min(after[0] + 1, wanted.end or after[0] + 1)
        files = self._records.files(model, INFERENCE, start=wanted.start, end=end, ids=ids)
        rows: list[dict[str, Any]] = []
        unreadable: list[str] = []
        for some, newest_left in _in_steps(files):
            condition = _condition(wanted, after, self._columns(some, strict=strict) if wanted.output else None)
            if condition is not None:
                table, bad = self._scan(some, condition, "event_time DESC, prediction_id DESC", limit, strict=strict)
                unreadable += bad
                rows = sorted(rows + _rows(table), key=_age, reverse=True)[:limit]
            if len(rows) == limit and rows[-1]["event_time"] > newest_left:
                break
        return rows, tuple(unreadable)

    def _scan(
        self, files: Sequence[RecordFile], condition: _Condition, order: str, limit: int, *, strict: bool
    ) -> tuple[pa.Table | None, list[str]]:
        """Matching rows of `files`; when the scan fails, of those that can be read, and the names of the others.

        Raises _Gone if `strict` and a file is there no more.
        """
        if not files:
            return None, []
        query = (
            "SELECT * FROM read_parquet($files, union_by_name = true, hive_partitioning = false)"  # noqa: S608
            f" WHERE {condition.sql} ORDER BY {order} LIMIT {int(limit)}"
        )
        paths = [str(self._records.path(file)) for file in files]
        try:
            return self._duck.rows(query, {"files": paths, **condition.parameters}), []
        except duckdb.Error:
            if strict and not all(self._records.path(file).exists() for file in files):
                raise _Gone from None
            readable = [file for file in files if _is_readable(str(self._records.path(file)))]
            if len(readable) == len(files):
                raise
            table, worse = self._scan(readable, condition, order, limit, strict=strict)
            return table, [file.path for file in files if file not in readable] + worse

    def _columns(self, files: Sequence[RecordFile], *, strict: bool) -> set[str]:
        names: set[str] = set()
        for file in files:
            try:
                names.update(pq.read_schema(self._records.path(file)).names)
            except FileNotFoundError:
                if strict:
                    raise _Gone from None
            except (OSError, pa.ArrowException):  # the scan will name it
                continue
        return names

    def _with_feedback(self, model: str, records: list[Record]) -> tuple[Record, ...]:
        by_id: dict[str, list[StoredFeedback]] = {}
        for item in self.feedback(model, [record.prediction_id for record in records]):
            by_id.setdefault(item.prediction_id, []).append(item)
        return tuple(
            msgspec.structs.replace(record, feedback=tuple(by_id.get(record.prediction_id, ()))) for record in records
        )


def _condition(wanted: RecordFilter, after: tuple[int, str] | None, columns: set[str] | None) -> _Condition | None:
    """The filter as SQL with named parameters; None if these files lack the output it names, so nothing can match."""
    parts: dict[str, tuple[str, Any]] = {
        "start": ("epoch_us(event_time) >= $start", wanted.start),
        "end": ("epoch_us(event_time) < $end", wanted.end),
        "version": ("version = $version", wanted.version),
        "route": ("route = $route", wanted.route),
        "status": ("status = $status", wanted.status),
        "failed": ("(status >= 400) = $failed", wanted.failed),
        "flags": ("flags & $flags <> 0", wanted.flags or None),
        "id": ("(prediction_id = $id OR starts_with(prediction_id, $id || ':'))", wanted.prediction_id),
    }
    if wanted.output is not None and columns is not None:
        if OUTPUT + wanted.output not in columns:
            return None
        name = identifier(OUTPUT + wanted.output)
        parts["minimum"] = (f"TRY_CAST({name} AS DOUBLE) >= $minimum", wanted.minimum)
        parts["maximum"] = (f"TRY_CAST({name} AS DOUBLE) <= $maximum", wanted.maximum)
        parts["label"] = (f"CAST({name} AS VARCHAR) = $label", wanted.label)
    given = {key: part for key, part in parts.items() if part[1] is not None}
    sql = [part[0] for part in given.values()]
    parameters = {key: part[1] for key, part in given.items()}
    if after is not None:
        sql.append("(epoch_us(event_time), prediction_id) < ($after_time, $after_id)")
        parameters |= {"after_time": after[0], "after_id": after[1]}
    return _Condition(" AND ".join(sql) or "true", parameters)


def _in_steps(files: Sequence[RecordFile]) -> Iterator[tuple[Sequence[RecordFile], int]]:
    """Files a few at a time, newest first, with the newest event of those still unread (-1 if none is)."""
    for first in range(0, len(files), _FILES_AT_ONCE):
        rest = files[first + _FILES_AT_ONCE :]
        yield files[first : first + _FILES_AT_ONCE], rest[0].last_event if rest else -1


def _age(row: dict[str, Any]) -> tuple[int, str]:
    return row["event_time"], row["prediction_id"]


def _rows(table: pa.Table | None) -> list[dict[str, Any]]:
    """Rows as plain values, times as whole Unix microseconds."""
    if table is None:
        return []
    columns = {
        name: (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _records(model: str, rows: list[dict[str, Any]]) -> list[Record]:
    return [_record(model, row) for row in rows]


def _record(model: str, row: dict[str, Any]) -> Record:
    envelope = {name: row[name] for name in Record.__struct_fields__ if name in row}
    return Record(
        **envelope,
        model=model,
        inputs={name.removeprefix(INPUT): value for name, value in row.items() if name.startswith(INPUT)},
        outputs={name.removeprefix(OUTPUT): value for name, value in row.items() if name.startswith(OUTPUT)},
    )


def _parse_cursor(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    time, mark, prediction_id = cursor.partition("~")
    try:
        if mark:
            return int(time), prediction_id
    except ValueError:
        pass
    raise BadInput(f"{cursor[:80]!r} is not a cursor.", hint="Use the cursor that came with the page before.")


def _is_readable(path: str) -> bool:
    """Whether every row group can be read: a footer may be whole where the data is not."""
    try:
        with pq.ParquetFile(path) as file:
            return all(file.read_row_group(group) is not None for group in range(file.num_row_groups))
    except (OSError, pa.ArrowException):
        return False
