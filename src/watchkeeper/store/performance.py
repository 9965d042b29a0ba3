"""How well a model did, as counts: one row for each (model, version, route, bucket of the prediction's event time).

A label adds its pair to the bucket of its prediction, however late it comes. A correction takes the old pair out and
puts the new one in; the difference is also summed apart, so `counts - corrections` is, exactly, what the bucket was
before anything was corrected. Everything adds as integers, so any window is a sum of buckets. Buckets are an hour long
(or the longest part of an hour that divides a window): labels come late, and what they say is read by the window.
Width 0 is the running total of everything ever scored, which /metrics shows and retention never touches.

What the cells mean is said by the layout of the version, which is chosen once and kept.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import Layout, layout_from_dict
from watchkeeper.store.buckets import TOTAL, Source
from watchkeeper.store.database import Database
from watchkeeper.store.tables import layouts, performance, tallies
from watchkeeper.tallies.tally import IntArray, Tally

_KEYS_A_QUERY = 500


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """Pairs of one bucket, [start, start + width) in Unix seconds.

    `counts` (size,) as they are now, or None where only rewards came; `corrections` (size,) what corrections changed in
    them, None if nothing; `rows` pairs; `corrected` corrections of them. `reward_micros` is a million times the sum of
    `reward_rows` rewards. `delays` count first labels by how long they took (see `performance.delays`).
    """

    start: int
    width: int
    counts: IntArray | None = None
    rows: int = 0
    corrections: IntArray | None = None
    corrected: int = 0
    reward_rows: int = 0
    reward_micros: int = 0
    delays: IntArray | None = None
    revision: int = 1

    def __add__(self, other: Scored) -> Scored:
        return Scored(
            self.start,
            self.width,
            _sum(self.counts, other.counts),
            self.rows + other.rows,
            _sum(self.corrections, other.corrections),
            self.corrected + other.corrected,
            self.reward_rows + other.reward_rows,
            self.reward_micros + other.reward_micros,
            _sum(self.delays, other.delays),
            self.revision + 1,
        )

    def at(self, start: int, width: int) -> Scored:
        """The same, in another bucket."""
        return Scored(start, width, *(getattr(self, name) for name in _CONTENT))

    @property
    def before(self) -> IntArray | None:
        """The counts before anything was corrected."""
        if self.counts is None or self.corrections is None:
            return self.counts
        return self.counts - self.corrections


_CONTENT = ("counts", "rows", "corrections", "corrected", "reward_rows", "reward_micros", "delays", "revision")


def read_layouts(kept: str) -> tuple[Layout, DelayLayout]:
    """What a version's counts and delays mean, as they were kept."""
    fields = msgspec.json.decode(kept)
    delays = fields["delays"]
    return layout_from_dict(fields["pairs"]), DelayLayout(delays["groups"], delays["middle"])


class Performance:
    """The scored buckets of every model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def layout(self, model: str, version: str) -> str | None:
        """The layout of a version's counts (JSON), None before its first label."""
        c = layouts.c
        query = sa.select(c.layout).where(c.model == model, c.version == version)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def set_layout(self, model: str, version: str, layout: str) -> None:
        """Choose the layout of a version, once."""
        with self._database.begin() as connection:
            connection.execute(sa.insert(layouts).values(model=model, version=version, layout=layout))

    def add(self, source: Source, changes: Sequence[Scored]) -> None:
        """Add `changes` (each start and width at most once) to what is kept, and all of them to the running total."""
        if not changes:
            return
        total = functools.reduce(operator.add, [change.at(0, TOTAL) for change in changes])
        with self._database.begin():
            kept = {(bucket.start, bucket.width): bucket for bucket in self._kept(source, [*changes, total])}
            rows = []
            for change in (*changes, total):
                old = kept.get((change.start, change.width))
                rows.append(_row(source, change if old is None else old + change))
            self._upsert(rows)

    def buckets(self, model: str, version: str, start: int, end: int, *, route: str | None = None) -> Iterator[Scored]:
        """Buckets starting in [start, end), by time; those of all routes if none is named."""
        c = performance.c
        conditions = [c.model == model, c.version == version, c.width > TOTAL]
        conditions += [c.bucket_start >= start, c.bucket_start < end] + ([] if route is None else [c.route == route])
        with self._database.read() as connection:
            for row in connection.execute(sa.select(performance).where(*conditions).order_by(c.bucket_start)):
                yield _scored(row)

    def series(
        self, model: str, version: str, start: int, end: int, width: int, *, route: str | None = None
    ) -> list[Scored]:
        """Sums over steps of `width` seconds, aligned to multiples of it, by time; empty steps are left out."""
        steps: dict[int, Scored] = {}
        for bucket in self.buckets(model, version, start, end, route=route):
            step = bucket.start // width * width
            moved = bucket.at(step, width)
            steps[step] = steps[step] + moved if step in steps else moved
        return [steps[step] for step in sorted(steps)]

    def predictions(
        self, model: str, version: str, start: int, end: int, width: int, *, route: str | None = None
    ) -> dict[int, int]:
        """Rows asked for in steps of `width` seconds, labelled or not: {start of the step: rows}."""
        c = tallies.c
        step = (c.bucket_start // width * width).label("step")
        conditions = [c.model == model, c.version == version, c.width > TOTAL]
        conditions += [c.bucket_start >= start, c.bucket_start < end] + ([] if route is None else [c.route == route])
        with self._database.read() as connection:
            rows = connection.execute(sa.select(step, sa.func.sum(c.rows)).where(*conditions).group_by(step))
            return {int(row[0]): int(row[1]) for row in rows}

    def rows(self, model: str, version: str, start: int, end: int) -> int:
        """How many pairs are scored in buckets starting in [start, end)."""
        c = performance.c
        conditions = [c.model == model, c.version == version, c.width > TOTAL]
        conditions += [c.bucket_start >= start, c.bucket_start < end]
        with self._database.read() as connection:
            return int(connection.execute(sa.select(sa.func.sum(c.rows)).where(*conditions)).scalar() or 0)

    def totals(self) -> list[tuple[Source, Scored]]:
        """Everything ever scored, for each source."""
        c = performance.c
        query = sa.select(performance).where(c.width == TOTAL).order_by(c.model, c.version, c.route)
        with self._database.read() as connection:
            return [(Source(row.model, row.version, row.route), _scored(row)) for row in connection.execute(query)]

    def routes(self, model: str) -> list[tuple[str, str, int, int]]:
        """(version, route, first bucket, last bucket) of what is scored."""
        c = performance.c
        query = (
            sa.select(c.version, c.route, sa.func.min(c.bucket_start), sa.func.max(c.bucket_start))
            .where(c.model == model, c.width > TOTAL)
            .group_by(c.version, c.route)
        )
        with self._database.read() as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]

    def expire(self, model: str, before: int) -> int:
        """Delete buckets that started before `before` (Unix seconds); how many. The running totals stay."""
        c = performance.c
        with self._database.begin() as connection:
            gone = sa.delete(performance).where(c.model == model, c.width > TOTAL, c.bucket_start < before)
            return connection.execute(gone).rowcount

    def _kept(self, source: Source, changes: Sequence[Scored]) -> Iterator[Scored]:
        c = performance.c
        starts = [change.start for change in changes]
        with self._database.read() as connection:
            for first in range(0, len(starts), _KEYS_A_QUERY):
                some = starts[first : first + _KEYS_A_QUERY]
                query = sa.select(performance).where(*_of(source), c.bucket_start.in_(some))
                for row in connection.execute(query):
                    yield _scored(row)

    def _upsert(self, rows: list[dict[str, Any]]) -> None:
        key = {column.name for column in performance.primary_key}
        self._database.upsert(performance, rows, replace=[c.name for c in performance.c if c.name not in key])


def _of(source: Source) -> list[sa.ColumnElement[bool]]:
    c = performance.c
    return [c.model == source.model, c.version == source.version, c.route == source.route]


def _row(source: Source, bucket: Scored) -> dict[str, Any]:
    return {
        **source._asdict(),
        "bucket_start": bucket.start,
        "width": bucket.width,
        "counts": _packed(bucket.counts) or b"",
        "rows": bucket.rows,
        "corrections": _packed(bucket.corrections),
        "corrected": bucket.corrected,
        "reward_rows": bucket.reward_rows,
        "reward_micros": bucket.reward_micros,
        "delays": _packed(bucket.delays),
        "revision": bucket.revision,
    }


def _scored(row: sa.Row[Any]) -> Scored:
    return Scored(
        row.bucket_start,
        row.width,
        _unpacked(row.counts),
        row.rows,
        _unpacked(row.corrections),
        row.corrected,
        row.reward_rows,
        row.reward_micros,
        _unpacked(row.delays),
        row.revision,
    )


def _packed(counts: IntArray | None) -> bytes | None:
    return None if counts is None else Tally(counts, np.zeros(0), np.zeros(0)).to_bytes()


def _unpacked(data: bytes | None) -> IntArray | None:
    return Tally.from_bytes(data).counts if data else None


def _sum(one: IntArray | None, other: IntArray | None) -> IntArray | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
