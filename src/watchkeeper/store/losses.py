"""Every loss, counted with its reason; and what came in, so that the sum can be proved.

For each model, of the rows that reached the journal: received = stored + losses with a reason in `AFTER_JOURNAL`.
Other reasons are of rows that were lost before they reached it (the gateway reports those).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import intake, losses

DUPLICATE = "duplicate"
DEAD_LETTERED = "dead_lettered"
AFTER_JOURNAL = (DUPLICATE, DEAD_LETTERED)
CLOCK_SKEW = "clock_skew"
"""Not a loss: rows whose event time was not believable, kept under their receive time."""


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind that the worker took from the journal, and how many of them it stored."""

    model: str
    kind: str
    received: int
    stored: int


class Losses:
    """Counts that only grow."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count losses: {(model, reason): rows}."""
        rows = [{"model": model, "reason": reason, "count": n} for (model, reason), n in counts.items() if n]
        self._database.upsert(losses, rows, add=["count"])

    def totals(self) -> dict[tuple[str, str], int]:
        """Rows lost so far: {(model, reason): rows}."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(losses).order_by(losses.c.model, losses.c.reason)).all()
        return {(row.model, row.reason): row._mapping["count"] for row in rows}

    def take_in(self, counts: Mapping[tuple[str, str], tuple[int, int]]) -> None:
        """Count rows taken from the journal: {(model, kind): (received, stored)}."""
        rows = [
            {"model": model, "kind": kind, "received": received, "stored": stored}
            for (model, kind), (received, stored) in counts.items()
        ]
        self._database.upsert(intake, rows, add=["received", "stored"])

    def intake(self) -> list[Intake]:
        """Rows received and stored so far, by model and kind."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(intake).order_by(intake.c.model, intake.c.kind)).all()
        return [Intake(**row._mapping) for row in rows]
