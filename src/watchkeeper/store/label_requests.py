"""Predictions that people are asked to label: the queue, and which rows of a window its sample is.

A request is open until its label came (by whatever way), somebody skipped it, or its deadline passed. One that the
team's rater could not label is left to people, and waits as an open one does. Its probability is how likely it was to
be drawn, which the label must carry so that it counts for those that were not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from watchkeeper.performance.sampling import lowest
from watchkeeper.store.database import Database, listed
from watchkeeper.store.records import Records
from watchkeeper.store.tables import label_requests, labels

LIVE = "live"
_FAILED = 400
_LABEL, _OPINION = "label", "opinion"
_COLUMNS = ("prediction_id", "event_time", "status", "version", "route")
_MICRO = 1_000_000


class Asked(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    LEFT = "left to people"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    EXPIRED = "expired"


WAITING = (Asked.OPEN, Asked.LEFT)
"""States in which a label is still waited for."""


class LabelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One prediction to be labelled; it was drawn with `probability` from `rows` of [window_start, window_end).

    Windows are Unix seconds of event time, other times Unix seconds of the clock.
    """

    prediction_id: str
    version: str
    window_start: int
    window_end: int
    rows: int
    probability: float
    reason: str
    why: str
    state: Asked = Asked.OPEN
    asked_at: float
    deadline: float
    changed_at: float


class AskedWindow(NamedTuple):
    """How a window's requests stand: how many there are, answered, and still waiting."""

    start: int
    asked: int
    answered: int
    open: int


class LabelRequests:
    """The requests of every model."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database, self._records = database, records

    def add(self, model: str, requests: Sequence[LabelRequest]) -> None:
        """Ask; a prediction that was asked for before stays as it is."""
        rows = [{"model": model, **msgspec.structs.asdict(request)} for request in requests]
        if rows:
            with self._database.begin() as connection:
                connection.execute(insert(label_requests).on_conflict_do_nothing(), rows)

    def find(self, model: str, *states: Asked, limit: int = 1000) -> list[LabelRequest]:
        """Requests in one of `states`, or in any, the one due first ahead."""
        c = label_requests.c
        columns = [column for column in c if column.name != "model"]
        conditions = [c.model == model] + ([c.state.in_(states)] if states else [])
        query = (
            sa.select(*columns).where(*conditions).order_by(c.deadline, c.window_start, c.prediction_id).limit(limit)
        )
        with self._database.read() as connection:
            return [_request(row) for row in connection.execute(query)]

    def models(self, state: Asked) -> list[str]:
        """Models with requests in `state`, by name."""
        c = label_requests.c
        query = sa.select(c.model).distinct().where(c.state == state.value).order_by(c.model)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def get(self, model: str, prediction_id: str) -> LabelRequest | None:
        """The request of one prediction, None if it was never asked for."""
        c = label_requests.c
        columns = [column for column in c if column.name != "model"]
        query = sa.select(*columns).where(c.model == model, c.prediction_id == prediction_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _request(row)

    def counts(self, model: str) -> dict[Asked, int]:
        """How many there are in each state."""
        c = label_requests.c
        query = sa.select(c.state, sa.func.count()).where(c.model == model).group_by(c.state)
        with self._database.read() as connection:
            return {Asked(row[0]): int(row[1]) for row in connection.execute(query)}

    def windows(self, model: str, version: str, since: int) -> list[AskedWindow]:
        """Windows that start at `since` (Unix seconds) or later and were asked for, by time."""
        c = label_requests.c
        answered, open_ = (
            sa.func.sum(sa.case((c.state.in_(states), 1), else_=0)) for states in ((Asked.ANSWERED,), WAITING)
        )
        query = (
            sa.select(c.window_start, sa.func.count(), answered, open_)
            .where(c.model == model, c.version == version, c.window_start >= since)
            .group_by(c.window_start)
            .order_by(c.window_start)
        )
        with self._database.read() as connection:
            return [AskedWindow(*(int(value) for value in row)) for row in connection.execute(query)]

    def settle(self, model: str, now: float) -> int:
        """Waiting requests whose label came are answered, those past their deadline expired; how many changed."""
        c, known = label_requests.c, labels.c
        came = sa.exists().where(known.model == model, known.prediction_id == c.prediction_id, known.kind == _LABEL)
        changed = 0
        with self._database.begin() as connection:
            for state, condition in ((Asked.ANSWERED, came), (Asked.EXPIRED, c.deadline <= now)):
                where = [c.model == model, c.state.in_(WAITING), condition]
                values = {"state": state.value, "changed_at": now}
                changed += connection.execute(sa.update(label_requests).where(*where).values(values)).rowcount
        return changed

    def skip(self, model: str, ids: Sequence[str], now: float) -> int:
        """Nobody will label these; how many of them were waiting."""
        c = label_requests.c
        where = [c.model == model, c.state.in_(WAITING), c.prediction_id.in_(listed(ids))]
        values = {"state": Asked.SKIPPED.value, "changed_at": now}
        with self._database.begin() as connection:
            return connection.execute(sa.update(label_requests).where(*where).values(values)).rowcount if ids else 0

    def leave(self, model: str, why: Mapping[str, str], now: float) -> int:
        """The rater cannot label these open ones (prediction ID: why): people are asked; how many that are."""
        c = label_requests.c
        where = [c.model == model, c.state == Asked.OPEN.value, c.prediction_id == sa.bindparam("one")]
        values = {"state": Asked.LEFT.value, "changed_at": now, "why": sa.bindparam("because")}
        with self._database.begin() as connection:
            return sum(
                connection.execute(
                    sa.update(label_requests).where(*where).values(values), {"one": name, "because": text}
                ).rowcount
                for name, text in why.items()
            )

    def reopen(self, model: str, ids: Sequence[str], now: float) -> int:
        """The labels of these were taken back: what they answered is open again; how many requests are.

        Past its deadline a request is expired instead. Inside `store.begin()` label and request change together.
        """
        c = label_requests.c
        lost = [
            c.model == model,
            c.state.in_([Asked.ANSWERED, *WAITING]),
            c.prediction_id.in_(listed(ids)),
        ]
        if not ids:
            return 0
        with self._database.begin() as connection:
            late = sa.update(label_requests).where(*lost, c.deadline <= now)
            connection.execute(late.values(state=Asked.EXPIRED.value, changed_at=now))
            again = sa.update(label_requests).where(*lost, c.deadline > now)
            return connection.execute(again.values(state=Asked.OPEN.value, changed_at=now)).rowcount

    def expire(self, model: str, before: int) -> int:
        """Forget requests of windows that ended before `before` (Unix seconds)."""
        c = label_requests.c
        with self._database.begin() as connection:
            gone = sa.delete(label_requests).where(c.model == model, c.window_end < before)
            return connection.execute(gone).rowcount

    def answered(self, model: str, since: float) -> int:
        """How many were answered from `since` (Unix seconds) on by a label that came after it was asked for."""
        c, known = label_requests.c, labels.c
        before = sa.exists().where(
            known.model == model,
            known.prediction_id == c.prediction_id,
            known.kind == _LABEL,
            known.arrived_at < c.asked_at * _MICRO,
        )
        query = (
            sa.select(sa.func.count())
            .select_from(label_requests)
            .where(c.model == model, c.state == Asked.ANSWERED.value, c.changed_at >= since, ~before)
        )
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def opinions(self, model: str, source: str) -> list[tuple[str, str]]:
        """(what `source` said beside it, what is held for true) of every request that has both, as text."""
        c, said, true = label_requests.c, labels.alias("said"), labels.alias("true")
        same = [one.c.prediction_id == c.prediction_id for one in (said, true)]
        of = [one.c.model == model for one in (said, true)]
        texts = [sa.func.coalesce(one.c.text, sa.cast(one.c.number, sa.Text)) for one in (said, true)]
        query = (
            sa.select(*texts)
            .select_from(label_requests)
            .join(said, sa.and_(same[0], of[0], said.c.kind == _OPINION))
            .join(true, sa.and_(same[1], of[1], true.c.kind == _LABEL))
            .where(c.model == model, said.c.source == source, sa.func.coalesce(true.c.source, "") != source)
            .order_by(c.prediction_id)
        )
        with self._database.read() as connection:
            return [(str(row[0]), str(row[1])) for row in connection.execute(query)]

    def sample(self, model: str, version: str, span: tuple[int, int], size: int) -> tuple[list[str], int]:
        """(the `size` lowest answered live predictions of a window [start, end) in Unix seconds, how many it has).

        Files that cannot be read are left out.
        """
        best: list[str] = []
        rows = 0
        for ids in self._ids(model, version, span):
            rows += len(ids)
            best = lowest([*best, *ids], size)
        return best, rows

    def _ids(self, model: str, version: str, span: tuple[int, int]) -> Iterator[list[str]]:
        start, end = span[0] * _MICRO, span[1] * _MICRO
        for file in self._records.files(model, start=start, end=end):
            try:
                table = pq.read_table(self._records.path(file), columns=list(_COLUMNS), partitioning=None)
            except (OSError, pa.ArrowException):
                continue
            times = table["event_time"].cast(pa.int64())
            inside = pc.and_(pc.greater_equal(times, start), pc.less(times, end))
            for name, value in (("version", version), ("route", LIVE)):
                inside = pc.and_(inside, pc.equal(table[name].cast(pa.string()), value))
            answered = pc.and_(inside, pc.less(table["status"], _FAILED))
            yield table["prediction_id"].filter(answered).to_pylist()


def _request(row: sa.Row[Any]) -> LabelRequest:
    return LabelRequest(**{**row._mapping, "state": Asked(row.state)})
