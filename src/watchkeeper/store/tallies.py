"""Buckets: one tally for each (model, version, route, bucket), added to and never taken from.

A key is (bucket_start, width): minute buckets are rolled up into hours when they are old, and a late row then starts a
new minute bucket beside the hour; windows sum whatever lies in them. Width 0 is the running total of everything ever
counted, which /metrics shows and retention never touches.

One process writes (the watch worker, which holds a lock). It keeps the buckets it changed last in memory, so that an
update writes a bucket without reading it back; what a failed transaction changed there is forgotten with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import sqlalchemy as sa

from watchkeeper.store.buckets import (
    CACHE_BYTES,
    TOTAL,
    Bucket,
    BucketCache,
    Source,
    add_into,
    merged,
    rolled,
    total_of,
)
from watchkeeper.store.database import Database
from watchkeeper.store.tables import tallies
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

_KEYS_A_QUERY = 500


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Where buckets of one source lie: [start, end) in Unix seconds, `rows` in all."""

    model: str
    version: str
    route: str
    start: int
    end: int
    rows: int


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """Sums over steps of equal width, empty steps left out.

    starts int64 (K,) Unix seconds ascending; counts int64 (K, size); low, high float64 (K, extremes); rows int64 (K,).
    """

    width: int
    starts: IntArray
    counts: IntArray
    low: FloatArray
    high: FloatArray
    rows: IntArray


class Tallies:
    """The buckets of every model."""

    def __init__(self, database: Database, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._database = database
        self._cache = BucketCache(cache_bytes)

    def add(self, source: Source, buckets: Sequence[Bucket]) -> None:
        """Add `buckets` (each start and width at most once) to those kept, and all of them to the running total."""
        if not buckets:
            return
        deltas = {(bucket.start, bucket.width): bucket for bucket in buckets}
        deltas[0, TOTAL] = total_of(buckets)
        with self._database.begin():
            kept = self._kept(source, list(deltas))
            sums = [merged(kept.get(key), bucket) for key, bucket in deltas.items()]
            self._database.upsert(
                tallies, [_row(source, bucket) for bucket in sums], replace=("counts", "rows", "revision")
            )
            self._cache.stage(source, sums)
            self._database.afterwards(self._cache.keep, self._cache.forget)

    def window_sum(
        self, model: str, version: str, start: int, end: int, *, route: str | None = None
    ) -> tuple[Tally, int] | None:
        """The tally and rows of buckets starting in [start, end), of one route or of all; None if there is none."""
        total: Tally | None = None
        rows = 0
        for bucket in self.buckets(model, version, start, end, route=route):
            total = bucket.tally if total is None else add_into(total, bucket.tally)
            rows += bucket.rows
        return None if total is None else (total, rows)

    def series(
        self, model: str, version: str, start: int, end: int, width: int, *, route: str | None = None
    ) -> Series | None:
        """Sums over steps of `width` seconds, aligned to multiples of it, of buckets starting in [start, end)."""
        steps: dict[int, Tally] = {}
        rows: dict[int, int] = {}
        for bucket in self.buckets(model, version, start, end, route=route):
            step = bucket.start // width * width
            rows[step] = rows.get(step, 0) + bucket.rows
            steps[step] = add_into(steps[step], bucket.tally) if step in steps else bucket.tally
        return _series(width, steps, rows) if steps else None

    def buckets(self, model: str, version: str, start: int, end: int, *, route: str | None = None) -> Iterator[Bucket]:
        """Buckets starting in [start, end), by time; those of all routes if none is named."""
        c = tallies.c
        conditions = [c.model == model, c.version == version, c.width > TOTAL, c.bucket_start >= start]
        conditions += [c.bucket_start < end] if route is None else [c.bucket_start < end, c.route == route]
        query = sa.select(c.bucket_start, c.width, c.counts, c.rows, c.revision).where(*conditions)
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(c.bucket_start)):
                yield Bucket(row.bucket_start, row.width, Tally.from_bytes(row.counts), row.rows, row.revision)

    def totals(self, model: str | None = None) -> list[tuple[Source, Tally, int]]:
        """Everything ever counted, for each source: (source, tally, rows)."""
        c = tallies.c
        query = sa.select(tallies).where(c.width == TOTAL, c.bucket_start == 0)
        if model is not None:
            query = query.where(c.model == model)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(c.model, c.version, c.route)).all()
        return [(Source(r.model, r.version, r.route), Tally.from_bytes(r.counts), r.rows) for r in rows]

    def spans(self, model: str) -> list[Span]:
        """Where there are buckets, for each version and route."""
        c = tallies.c
        query = (
            sa.select(
                c.version,
                c.route,
                sa.func.min(c.bucket_start).label("start"),
                sa.func.max(c.bucket_start + c.width).label("end"),
                sa.func.sum(c.rows).label("rows"),
            )
            .where(c.model == model, c.width > TOTAL)
            .group_by(c.version, c.route)
        )
        with self._database.read() as connection:
            return [Span(model=model, **row._mapping) for row in connection.execute(query)]

    def roll_up(self, model: str, before: int, width: int = 3600, limit: int = 5000) -> int:
        """Merge up to `limit` buckets narrower than `width` that ended by `before` into buckets of `width`; how many.

        One transaction: a reader sees the narrow buckets or the wide ones, never both or neither.
        """
        with self._database.begin() as connection:
            narrow = self._narrow(connection, model, before // width * width, width, limit)
            for source, buckets in narrow.items():
                self._replace(connection, source, buckets, width)
            self._database.afterwards(self._cache.clear, self._cache.clear)
        return sum(len(buckets) for buckets in narrow.values())

    def expire(self, model: str, before: int) -> int:
        """Delete buckets that ended by `before`; how many. The running totals stay."""
        c = tallies.c
        with self._database.begin() as connection:
            gone = connection.execute(
                sa.delete(tallies).where(c.model == model, c.width > TOTAL, c.bucket_start + c.width <= before)
            )
            self._database.afterwards(self._cache.clear, self._cache.clear)
        return gone.rowcount

    def _kept(self, source: Source, keys: list[tuple[int, int]]) -> dict[tuple[int, int], Bucket]:
        found = {key: bucket for key in keys if (bucket := self._cache.get(source, key)) is not None}
        missing = [key for key in keys if key not in found]
        for first in range(0, len(missing), _KEYS_A_QUERY):
            for bucket in self._load(source, missing[first : first + _KEYS_A_QUERY]):
                found[bucket.start, bucket.width] = bucket
        return found

    def _load(self, source: Source, keys: list[tuple[int, int]]) -> Iterator[Bucket]:
        c = tallies.c
        query = sa.select(c.bucket_start, c.width, c.counts, c.rows, c.revision).where(
            *_of(source), c.bucket_start.in_([start for start, _ in keys]), c.width.in_({width for _, width in keys})
        )
        with self._database.read() as connection:
            for row in connection.execute(query):
                yield Bucket(row.bucket_start, row.width, Tally.from_bytes(row.counts), row.rows, row.revision)

    def _narrow(
        self, connection: sa.Connection, model: str, before: int, width: int, limit: int
    ) -> dict[Source, list[Bucket]]:
        c = tallies.c
        query = (
            sa.select(tallies)
            .where(c.model == model, c.width > TOTAL, c.width < width, c.bucket_start < before)
            .order_by(c.bucket_start)
            .limit(limit)
        )
        found: dict[Source, list[Bucket]] = {}
        for row in connection.execute(query):
            bucket = Bucket(row.bucket_start, row.width, Tally.from_bytes(row.counts), row.rows, row.revision)
            found.setdefault(Source(row.model, row.version, row.route), []).append(bucket)
        return found

    def _replace(self, connection: sa.Connection, source: Source, narrow: list[Bucket], width: int) -> None:
        wide = rolled(narrow, width)
        kept = {bucket.start: bucket for bucket in self._load(source, [(start, width) for start in wide])}
        sums = [merged(kept.get(start), bucket) for start, bucket in wide.items()]
        self._database.upsert(tallies, [_row(source, b) for b in sums], replace=("counts", "rows", "revision"))
        c = tallies.c
        gone = sa.delete(tallies).where(
            *_of(source), c.bucket_start == sa.bindparam("start"), c.width == sa.bindparam("narrow")
        )
        connection.execute(gone, [{"start": bucket.start, "narrow": bucket.width} for bucket in narrow])


def _of(source: Source) -> list[sa.ColumnElement[bool]]:
    c = tallies.c
    return [c.model == source.model, c.version == source.version, c.route == source.route]


def _row(source: Source, bucket: Bucket) -> dict[str, object]:
    return {
        **source._asdict(),
        "bucket_start": bucket.start,
        "width": bucket.width,
        "counts": bucket.tally.to_bytes(),
        "rows": bucket.rows,
        "revision": bucket.revision,
    }


def _series(width: int, steps: dict[int, Tally], rows: dict[int, int]) -> Series:
    starts = sorted(steps)
    return Series(
        width=width,
        starts=np.array(starts, np.int64),
        counts=np.stack([steps[start].counts for start in starts]),
        low=np.stack([steps[start].low for start in starts]),
        high=np.stack([steps[start].high for start in starts]),
        rows=np.array([rows[start] for start in starts], np.int64),
    )
