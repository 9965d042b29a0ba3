"""What became of feedback, counted: by outcome, source and hour of arrival.

The row of hour -1 is the running total, which /metrics shows and which never expires. A caller chooses the name of a
source, so that a model has at most `SOURCES` of them in an hour; the others are counted together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.database import Database
from watchkeeper.store.tables import label_outcomes

SOURCES = 50
OTHERS = "(others)"
TOTAL = -1
HOUR = 3600


class OutcomeCount(NamedTuple):
    """`number` pieces of feedback of `kind` from `source` had `outcome`. `hour` is Unix seconds, or TOTAL."""

    model: str
    hour: int
    kind: str
    outcome: Outcome
    source: str
    number: int


class Outcomes:
    """Counts that only grow, until their hour is old."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, counts: Mapping[tuple[str, int, str, Outcome, str], int]) -> None:
        """Count feedback: {(model, hour of its arrival in Unix seconds, kind, outcome, source): n}."""
        named = self._named({key[:2] for key in counts})
        rows: Counter[tuple[str, int, str, str, str]] = Counter()
        for (model, hour, kind, outcome, source), n in counts.items():
            known = named.setdefault((model, hour), set())
            if source not in known and len(known) >= SOURCES:
                source = OTHERS  # noqa: PLW2901 - what it is counted as from here on
            known.add(source)
            rows[model, hour, kind, outcome.value, source] += n
            rows[model, TOTAL, kind, outcome.value, ""] += n
        names = ("model", "hour", "kind", "outcome", "source")
        made = [{**dict(zip(names, key, strict=True)), "count": n} for key, n in rows.items() if n]
        self._database.upsert(label_outcomes, made, add=["count"])

    def totals(self, model: str | None = None) -> list[OutcomeCount]:
        """Everything ever counted, without sources."""
        conditions = [label_outcomes.c.hour == TOTAL]
        return self._find(*conditions, *([] if model is None else [label_outcomes.c.model == model]))

    def between(self, model: str, start: float, end: float) -> list[OutcomeCount]:
        """Counts of the hours of arrival that touch [start, end) (Unix seconds), by source."""
        c = label_outcomes.c
        return self._find(c.model == model, c.hour > max(start - HOUR, TOTAL), c.hour < end)

    def expire(self, model: str, before: float) -> int:
        """Forget hours before `before` (Unix seconds); the totals stay."""
        c = label_outcomes.c
        with self._database.begin() as connection:
            gone = sa.delete(label_outcomes).where(c.model == model, c.hour > TOTAL, c.hour < before)
            return connection.execute(gone).rowcount

    def _named(self, hours: set[tuple[str, int]]) -> dict[tuple[str, int], set[str]]:
        """The sources that were counted already: {(model, hour): names}."""
        c = label_outcomes.c
        found: dict[tuple[str, int], set[str]] = {}
        with self._database.read() as connection:
            for model, hour in hours:
                query = sa.select(c.source).distinct().where(c.model == model, c.hour == hour)
                found[model, hour] = set(connection.execute(query).scalars())
        return found

    def _find(self, *conditions: sa.ColumnElement[bool]) -> list[OutcomeCount]:
        c = label_outcomes.c
        query = sa.select(label_outcomes).where(*conditions).order_by(c.model, c.hour, c.kind, c.outcome, c.source)
        with self._database.read() as connection:
            return [
                OutcomeCount(row.model, row.hour, row.kind, Outcome(row.outcome), row.source, row._mapping["count"])
                for row in connection.execute(query)
            ]
