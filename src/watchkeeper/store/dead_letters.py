"""Dead letters: journal entries that could not be kept, with the reason and their bytes as they came."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import dead_letters


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `rows` rows that was put aside. `reason` is one word for counting, `detail` a sentence.

    `payload` is None where it was not asked for.
    """

    id: int = 0
    received_at: float
    reason: str
    detail: str
    kind: str
    model: str
    rows: int
    position: int
    payload: bytes | None = None


class DeadLetters:
    """What was put aside, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Put `letters` aside."""
        if not letters:
            return
        rows = [{**msgspec.structs.asdict(letter), "payload": letter.payload or b""} for letter in letters]
        for row in rows:
            del row["id"]
        with self._database.begin() as connection:
            connection.execute(sa.insert(dead_letters), rows)

    def find(self, *, model: str | None = None, limit: int = 100) -> list[DeadLetter]:
        """The newest letters, without their payloads."""
        query = sa.select(*[column for column in dead_letters.c if column.name != "payload"])
        if model is not None:
            query = query.where(dead_letters.c.model == model)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(dead_letters.c.id.desc()).limit(limit)).all()
        return [DeadLetter(**row._mapping) for row in rows]

    def get(self, letter_id: int) -> DeadLetter | None:
        """One letter with its payload."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(dead_letters).where(dead_letters.c.id == letter_id)).first()
        return None if row is None else DeadLetter(**row._mapping)

    def count(self) -> int:
        """How many letters are kept."""
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(dead_letters)).scalar_one()

    def expire(self, before: float) -> int:
        """Delete letters received before `before` (Unix seconds); how many. Their rows stay counted as losses."""
        with self._database.begin() as connection:
            return connection.execute(sa.delete(dead_letters).where(dead_letters.c.received_at < before)).rowcount
