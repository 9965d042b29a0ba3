"""How well a model did, as counts: one row for each (model, version, route, bucket of the prediction's event time).

A label adds its pair to the bucket of its prediction, however late it comes. A correction takes the old pair out and
puts the new one in; the difference is also summed apart, so `counts - corrections` is, exactly, what the bucket was
before anything was corrected. Everything adds as integers, so any window is a sum of buckets. Buckets are an hour long
(or the longest part of an hour that divides a window): labels come late, and what they say is read by the window.
Width 0 is the running total of everything ever scored, which /metrics shows and retention never touches.

Beside the labels stands what was `said`: of every row that was answered, labelled or not, what was decided at which
score (see `performance.said_counts`). It is counted as rows come and no label changes it, so that a bucket may hold
it alone.

What the cells mean is told by the layout of the version, which is chosen once and kept.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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
_KEY = ("model", "version", "route", "bucket_start", "width")
_TOLD = [column for column in performance.c if column.name != "said"]
_OF_FEEDBACK = [column.name for column in _TOLD if column.name not in _KEY]


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """Pairs of one bucket, [start, start + width) in Unix seconds.

    `counts` (size,) as they are now, or None where only rewards came; `corrections` (size,) what corrections changed in
    them, None if nothing; `rows` pairs; `corrected` corrections of them. `reward_micros` is a million times the sum of
    `reward_rows` rewards, `reward_squares` the sum of the squares of these millionths (None where old ones are not
    known), `reward_zeros` how many were nothing. `delays` count first labels by how long they took (see
    `performance.delays`). `said` (questions, 2, bins) counts rows by score, None where there is none. `revision` is how
    often feedback changed the bucket.
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
    said: IntArray | None = None
    reward_squares: int | None = 0
    reward_zeros: int = 0

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
            self.revision + other.revision,
            _sum(self.said, other.said),
            _known_sum(self.reward_squares, other.reward_squares),
            self.reward_zeros + other.reward_zeros,
        )

    def at(self, start: int, width: int) -> Scored:
        """The same, in another bucket."""
        return replace(self, start=start, width=width)

    @property
    def before(self) -> IntArray | None:
        """The counts before anything was corrected."""
        if self.counts is None or self.corrections is None:
            return self.counts
        return self.counts - self.corrections


class Place(NamedTuple):
    """One bucket of one source."""

    source: Source
    start: int
    width: int


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
        """The layout of a version's counts (JSON), None before its first row or label is counted."""
        c = layouts.c
        query = sa.select(c.layout).where(c.model == model, c.version == version)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def set_layout(self, model: str, version: str, layout: str) -> None:
        """Choose the layout of a version, once."""
        with self._database.begin() as connection:
            connection.execute(sa.insert(layouts).values(model=model, version=version, layout=layout))

    def add(self, source: Source, changes: Sequence[Scored]) -> None:
        """Add what feedback changed (each start and width at most once), and all of it to the running total."""
        if not changes:
            return
        total = functools.reduce(operator.add, [change.at(0, TOTAL) for change in changes])
        with self._database.begin():
            kept = {(bucket.start, bucket.width): bucket for bucket in self._kept(source, [*changes, total])}
            rows = []
            for change in (*changes, total):
                old = kept.get((change.start, change.width))
                rows.append(_row(source, change if old is None else old + change))
            self._database.upsert(performance, rows, replace=_OF_FEEDBACK)

    def add_said(self, said: Mapping[Place, IntArray]) -> None:
        """Add what rows of any sources said, (questions, 2, bins) each; no feedback is touched."""
        if not said:
            return
        c = performance.c
        keys = msgspec.json.encode([(*place.source, *place[1:]) for place in said]).decode()
        places = sa.func.json_each(keys).table_valued("value")
        same = (c[name] == sa.func.json_extract(places.c.value, f"$[{n}]") for n, name in enumerate(_KEY))
        with self._database.begin() as connection:
            query = sa.select(*(c[name] for name in _KEY), c.said).join_from(places, performance, sa.and_(*same))
            kept = {Place(Source(*row[:3]), *row[3:5]): _unpacked_said(row.said) for row in connection.execute(query)}
            sums = [(place, _sum(kept.get(place), counts)) for place, counts in said.items()]
            rows = [_row(place.source, Scored(*place[1:], revision=0, said=of)) for place, of in sums]
            self._database.upsert(performance, rows, replace=("said",))

    def buckets(
        self, model: str, version: str, start: int, end: int, *, route: str | None = None, said: bool = False
    ) -> Iterator[Scored]:
        """Buckets starting in [start, end), by time; those of all routes if none is named.

        They are those that feedback came for, as it left them; or, if `said`, all of them, with what was said.
        """
        c = performance.c
        conditions = [c.model == model, c.version == version, c.width > TOTAL]
        conditions += [c.bucket_start >= start, c.bucket_start < end] + ([] if route is None else [c.route == route])
        conditions += [] if said else [c.revision > 0]
        columns = [*_TOLD, c.said] if said else _TOLD
        with self._database.read() as connection:
            for row in connection.execute(sa.select(*columns).where(*conditions).order_by(c.bucket_start)):
                yield _scored(row, row.said if said else None)

    def series(
        self,
        model: str,
        version: str,
        start: int,
        end: int,
        width: int,
        *,
        route: str | None = None,
        said: bool = False,
    ) -> list[Scored]:
        """Sums of `buckets` over steps of `width` seconds, aligned to multiples of it, by time; without empty ones."""
        steps: dict[int, Scored] = {}
        for bucket in self.buckets(model, version, start, end, route=route, said=said):
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

    def totals(self, model: str | None = None) -> list[tuple[Source, Scored]]:
        """Everything ever scored, for each source, or for those of one model."""
        c = performance.c
        query = sa.select(performance).where(c.width == TOTAL).order_by(c.model, c.version, c.route)
        query = query if model is None else query.where(c.model == model)
        with self._database.read() as connection:
            return [(Source(row.model, row.version, row.route), _scored(row)) for row in connection.execute(query)]

    def total(self, source: Source) -> Scored | None:
        """Everything ever scored for one source, None before its first feedback."""
        c = performance.c
        query = sa.select(*_TOLD).where(*_of(source), c.bucket_start == 0, c.width == TOTAL, c.revision > 0)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _scored(row)

    def total_revisions(self, sources: Iterable[Source]) -> dict[Source, int]:
        """How often feedback changed the total of each source; without those that none came for."""
        c = performance.c
        keys = sa.func.json_each(msgspec.json.encode(list(sources)).decode()).table_valued("value")
        named = (c[name] == sa.func.json_extract(keys.c.value, f"$[{n}]") for n, name in enumerate(Source._fields))
        total = sa.and_(*named, c.bucket_start == 0, c.width == TOTAL, c.revision > 0)
        query = sa.select(*(c[name] for name in Source._fields), c.revision).join_from(keys, performance, total)
        with self._database.read() as connection:
            return {Source(*row[:3]): row.revision for row in connection.execute(query)}

    def routes(self, model: str) -> list[tuple[str, str, int, int]]:
        """(version, route, first bucket, last bucket) of what feedback came for."""
        c = performance.c
        query = (
            sa.select(c.version, c.route, sa.func.min(c.bucket_start), sa.func.max(c.bucket_start))
            .where(c.model == model, c.width > TOTAL, c.revision > 0)
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
                query = sa.select(*_TOLD).where(*_of(source), c.bucket_start.in_(some))
                for row in connection.execute(query):
                    yield _scored(row)


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
        "delays": _packed(bucket.delays),
        "revision": bucket.revision,
        "said": _packed_said(bucket.said),
        "reward_sum": str(bucket.reward_micros),
        "reward_squares": None if bucket.reward_squares is None else str(bucket.reward_squares),
        "reward_zeros": bucket.reward_zeros,
    }


def _scored(row: sa.Row[Any], said: bytes | None = None) -> Scored:
    return Scored(
        row.bucket_start,
        row.width,
        _unpacked(row.counts),
        row.rows,
        _unpacked(row.corrections),
        row.corrected,
        row.reward_rows,
        int(row.reward_sum),
        _unpacked(row.delays),
        row.revision,
        _unpacked_said(said),
        None if row.reward_squares is None else int(row.reward_squares),
        row.reward_zeros,
    )


def _packed(counts: IntArray | None) -> bytes | None:
    return None if counts is None else Tally(counts, np.zeros(0), np.zeros(0)).to_bytes()


def _unpacked(data: bytes | None) -> IntArray | None:
    return Tally.from_bytes(data).counts if data else None


def _packed_said(said: IntArray | None) -> bytes | None:
    """The number of questions, then the cells."""
    if said is None:
        return None
    return len(said).to_bytes(4, "little") + Tally(said.ravel(), np.zeros(0), np.zeros(0)).to_bytes()


def _unpacked_said(data: bytes | None) -> IntArray | None:
    if data is None:
        return None
    return Tally.from_bytes(data[4:]).counts.reshape(int.from_bytes(data[:4], "little"), 2, -1)


def _known_sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _sum(one: IntArray | None, other: IntArray | None) -> IntArray | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
