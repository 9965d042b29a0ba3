"""Feedback that came before its prediction: it waits here, by what it waits for, until its deadline.

It is kept whole (as JSON), in the order in which it was acknowledged, and taken out in that order.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from watchkeeper.events.feedback import Feedback, FeedbackKind
from watchkeeper.store.database import Database, listed
from watchkeeper.store.tables import parked

_LOT = 10_000


class Parked(NamedTuple):
    """One piece of feedback that waits. `deadline` is Unix seconds; `id` 0 before it was kept.

    `order` is its place in the journal while it is new, and -1, before everything new, once it was kept.
    """

    target: str
    deadline: float
    feedback: Feedback
    id: int = 0
    model: str = ""
    order: int = -1


def target_of(feedback: Feedback) -> str:
    """What `feedback` waits for: its prediction's ID, or the row of a request by the caller's ID."""
    if feedback.request_id is None:
        return feedback.prediction_id
    return request_target(feedback.request_id, feedback.row or 0)


def request_target(request_id: str, row: int) -> str:
    """The target of a row of a request; no prediction ID looks like it."""
    return f"\x1f{request_id}\x1f{row}"


def _field(table: sa.FromClause, name: str) -> sa.ColumnElement[Any]:
    """A field of the feedback that is kept as JSON."""
    return sa.func.json_extract(sa.cast(table.c.feedback, sa.Text), f"$.{name}")


class ParkedFeedback:
    """What waits, of every model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, model: str, items: Sequence[Parked]) -> None:
        """Let `items` wait."""
        rows = [
            {
                "model": model,
                "target": item.target,
                "deadline": item.deadline,
                "feedback": msgspec.json.encode(item.feedback),
            }
            for item in items
        ]
        if rows:
            with self._database.begin() as connection:
                connection.execute(sa.insert(parked), rows)

    def count(self, model: str) -> int:
        """How many wait."""
        query = sa.select(sa.func.count()).select_from(parked).where(parked.c.model == model)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def any(self, model: str) -> bool:
        """Whether something waits."""
        query = sa.select(parked.c.id).where(parked.c.model == model).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def waiting(self, model: str, targets: Collection[str]) -> list[Parked]:
        """What waits for one of `targets`, oldest first."""
        if not targets or not self.any(model):
            return []
        return self._find(parked.c.model == model, parked.c.target.in_(listed(list(targets))))

    def said_by(self, model: str, source: str, *, since: int = 0, after: int = 0, limit: int = 1000) -> list[Parked]:
        """What waits of what `source` said, received from `since` (Unix microseconds) on, and is not taken back yet.

        Up to `limit` after number `after`, oldest first. An empty `source` is a sender without a name. Reads them all.
        """
        later = parked.alias()
        kind, whose, received = (_field(parked, name) for name in ("kind", "source", "receive_time"))
        back = sa.exists().where(
            later.c.model == parked.c.model,
            later.c.target == parked.c.target,
            later.c.id > parked.c.id,
            _field(later, "kind") == FeedbackKind.WITHDRAWAL.value,
            _field(later, "text") == source,
        )
        return self._find(
            parked.c.model == model,
            parked.c.id > after,
            sa.func.coalesce(whose, "") == source,
            kind != FeedbackKind.WITHDRAWAL.value,
            received >= since,
            ~back,
            limit=limit,
        )

    def overdue(self, now: float, limit: int = _LOT) -> list[Parked]:
        """Up to `limit` that have waited until their deadline, by model and age."""
        return self._find(parked.c.deadline <= now, limit=limit)

    def remove(self, items: Sequence[Parked]) -> None:
        """These wait no more."""
        if items:
            with self._database.begin() as connection:
                gone = sa.delete(parked).where(parked.c.id == sa.bindparam("gone"))
                connection.execute(gone, [{"gone": item.id} for item in items])

    def _find(self, *conditions: sa.ColumnElement[bool], limit: int | None = None) -> list[Parked]:
        query = sa.select(parked).where(*conditions).order_by(parked.c.id).limit(limit)
        with self._database.read() as connection:
            return [
                Parked(row.target, row.deadline, msgspec.json.decode(row.feedback, type=Feedback), row.id, row.model)
                for row in connection.execute(query)
            ]
