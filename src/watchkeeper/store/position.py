"""How far each consumer has read the journal. Written in the transaction that keeps what was read, and only there."""

from __future__ import annotations

import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import positions


class Positions:
    """One position a consumer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, consumer: str) -> int:
        """The last journal position whose content is kept; 0 before the first."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(positions.c.position).where(positions.c.consumer == consumer))
            return found.scalar() or 0

    def set(self, consumer: str, position: int) -> None:
        """Everything up to `position` is kept, as of this transaction."""
        self._database.upsert(positions, [{"consumer": consumer, "position": position}], replace=["position"])
