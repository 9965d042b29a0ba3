"""Which feedback was stored already: the same feedback ID is stored once, however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from watchkeeper.store.database import Database, listed
from watchkeeper.store.tables import feedback_ids


class FeedbackIds:
    """IDs by model, kept as long as the records that they belong to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, model: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are stored already."""
        c = feedback_ids.c
        query = sa.select(c.feedback_id).where(c.model == model, c.feedback_id.in_(listed(ids)))
        with self._database.read() as connection:
            return set(connection.execute(query).scalars()) if ids else set()

    def add(self, model: str, ids: Sequence[str], now: float) -> None:
        """Remember `ids` as stored."""
        if ids:
            rows = [{"model": model, "feedback_id": feedback_id, "seen_at": now} for feedback_id in ids]
            with self._database.begin() as connection:
                connection.execute(insert(feedback_ids).on_conflict_do_nothing(), rows)

    def expire(self, model: str, before: float) -> int:
        """Forget IDs stored before `before` (Unix seconds); how many."""
        c = feedback_ids.c
        with self._database.begin() as connection:
            return connection.execute(sa.delete(feedback_ids).where(c.model == model, c.seen_at < before)).rowcount
