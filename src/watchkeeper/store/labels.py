"""The label that each prediction has now, with who said it, when, and how often it was replaced.

One row a prediction and kind (`label`, `reward`, `decision`), in a table that is its own key: about 150 bytes each.
What a correction replaced is not here: every feedback as it came is in the record files.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database, listed
from watchkeeper.store.tables import labels


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one prediction. Times are Unix microseconds; `predicted_at` is the prediction's event time.

    `revision` is 1 for what came first and grows with each correction. `probability` is how likely the prediction was
    to be chosen for labelling, where it was chosen by chance.
    """

    prediction_id: str
    kind: str
    number: float | None = None
    text: str | None = None
    event_time: int
    arrived_at: int
    source: str | None = None
    probability: float | None = None
    version: str
    route: str
    predicted_at: int
    revision: int = 1

    @property
    def value(self) -> float | str | None:
        """The number, or the text."""
        return self.text if self.number is None else self.number


class Labels:
    """Labels by prediction, kept as long as the records that they belong to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, model: str, ids: Sequence[str]) -> dict[tuple[str, str], Label]:
        """What is known of predictions `ids`: {(prediction ID, kind): label}."""
        c = labels.c
        columns = [column for column in c if column.name != "model"]
        query = sa.select(*columns).where(c.model == model, c.prediction_id.in_(listed(ids)))
        with self._database.read() as connection:
            found = [Label(**row._mapping) for row in connection.execute(query)] if ids else []
        return {(label.prediction_id, label.kind): label for label in found}

    def put(self, model: str, found: Sequence[Label]) -> None:
        """Keep `found`, in the place of what was known."""
        rows = [{"model": model, **msgspec.structs.asdict(label)} for label in found]
        keys = {"model", "prediction_id", "kind"}
        self._database.upsert(labels, rows, replace=[column.name for column in labels.c if column.name not in keys])

    def remove(self, model: str, keys: Sequence[tuple[str, str]]) -> None:
        """Forget what is known under `keys` (prediction ID, kind)."""
        c = labels.c
        gone = sa.delete(labels).where(
            c.model == model, c.prediction_id == sa.bindparam("gone"), c.kind == sa.bindparam("of")
        )
        if keys:
            with self._database.begin() as connection:
                connection.execute(gone, [{"gone": name, "of": kind} for name, kind in keys])

    def said_by(self, model: str, source: str, *, since: int = 0, after: str = "", limit: int = 1000) -> list[str]:
        """Predictions of which `source` said something, received from `since` (Unix microseconds) on.

        Up to `limit` prediction IDs after `after`, ascending. An empty `source` is a sender without a name.
        """
        c = labels.c
        whose = c.source == source if source else c.source.is_(None)
        query = sa.select(c.prediction_id).distinct().where(c.model == model, c.prediction_id > after, whose)
        with self._database.read() as connection:
            found = connection.execute(query.where(c.arrived_at >= since).order_by(c.prediction_id).limit(limit))
            return list(found.scalars())

    def count(self, model: str, kind: str | None = None) -> int:
        """How many are kept, of one kind or of all."""
        query = sa.select(sa.func.count()).select_from(labels).where(labels.c.model == model)
        query = query if kind is None else query.where(labels.c.kind == kind)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def expire(self, model: str, before: int) -> int:
        """Forget labels of predictions before `before` (Unix microseconds of event time); how many. Reads them all."""
        gone = sa.delete(labels).where(labels.c.model == model, labels.c.predicted_at < before)
        with self._database.begin() as connection:
            return connection.execute(gone).rowcount
