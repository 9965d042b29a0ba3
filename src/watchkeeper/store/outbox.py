"""The outbox: messages to be delivered, kept until they are. Written in the transaction that makes the alert.

A message is due, then delivered or, after its last try, given up; nothing is ever deleted before it is old. Delivery is
at least once: a receiver may see a message again after a crash, with the same id.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from watchkeeper.store.database import Database
from watchkeeper.store.tables import outbox


class Delivery(StrEnum):
    """Where a message stands."""

    DUE = "due"
    DELIVERED = "delivered"
    GIVEN_UP = "given up"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one target. `payload` is the text of its body; `notice_id` says what is told, and is told once."""

    id: int
    notice_id: str
    alert_id: str
    target: str
    payload: str
    created_at: float
    tries: int
    next_try_at: float
    state: Delivery
    last_error: str


class Outbox:
    """Messages in the order in which they were put in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, notice_id: str, alert_id: str, target: str, payload: str, now: float) -> bool:
        """Put in a message, due at once. False if the notice was put in for this target before: it is not again."""
        row: dict[str, object] = {
            "notice_id": notice_id,
            "alert_id": alert_id,
            "target": target,
            "payload": payload,
            "created_at": now,
        }
        row |= {"next_try_at": now, "tries": 0, "state": Delivery.DUE, "last_error": ""}
        with self._database.begin() as connection:
            return connection.execute(insert(outbox).on_conflict_do_nothing(), [row]).rowcount == 1

    def due(self, now: float, limit: int = 100) -> list[Message]:
        """Messages whose next try is due, oldest first."""
        c = outbox.c
        query = sa.select(outbox).where(c.state == Delivery.DUE, c.next_try_at <= now).order_by(c.id).limit(limit)
        with self._database.read() as connection:
            return [_message(row) for row in connection.execute(query)]

    def next_due(self) -> float | None:
        """When the next try is due, None if nothing waits."""
        c = outbox.c
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.min(c.next_try_at)).where(c.state == Delivery.DUE)).scalar()

    def delivered(self, message_id: int) -> None:
        """The receiver has confirmed it."""
        self._update(message_id, state=Delivery.DELIVERED, tries=outbox.c.tries + 1, last_error="")

    def failed(self, message_id: int, error: str, next_try_at: float | None) -> None:
        """A try failed; the next is at `next_try_at`, or never again if None."""
        state = Delivery.GIVEN_UP if next_try_at is None else Delivery.DUE
        values = {"state": state, "tries": outbox.c.tries + 1, "last_error": error[:500]}
        self._update(message_id, **values, **({} if next_try_at is None else {"next_try_at": next_try_at}))

    def find(self, *, alert_id: str | None = None, limit: int = 100) -> list[Message]:
        """The newest messages, of one alert or of all."""
        query = sa.select(outbox).order_by(outbox.c.id.desc()).limit(limit)
        if alert_id is not None:
            query = query.where(outbox.c.alert_id == alert_id)
        with self._database.read() as connection:
            return [_message(row) for row in connection.execute(query)]

    def counts(self) -> dict[Delivery, int]:
        """How many messages stand where."""
        query = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        with self._database.read() as connection:
            found = {Delivery(state): int(count) for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in Delivery}

    def expire(self, before: float) -> int:
        """Delete messages that are no longer due and were put in before `before`; how many."""
        c = outbox.c
        with self._database.begin() as connection:
            gone = connection.execute(sa.delete(outbox).where(c.state != Delivery.DUE, c.created_at < before))
        return gone.rowcount

    def _update(self, message_id: int, **values: object) -> None:
        with self._database.begin() as connection:
            connection.execute(sa.update(outbox).where(outbox.c.id == message_id).values(**values))


def _message(row: sa.Row[tuple[object, ...]]) -> Message:
    return Message(**{**row._mapping, "state": Delivery(row.state)})
