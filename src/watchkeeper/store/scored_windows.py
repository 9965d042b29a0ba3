"""Windows of what labels say, read without unpacking more than is needed: what changed, and only that.

A window's revision is the sum of those of its buckets: it grows with every label, correction and withdrawal, so a
window whose revision is known need not be read again.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from watchkeeper.store.buckets import TOTAL, Source
from watchkeeper.store.tables import performance
from watchkeeper.tallies.tally import IntArray, Tally


class ScoredWindow(NamedTuple):
    """`counts` (size,) of the pairs and `delays` of their labels, None where there are none, at a `revision`."""

    counts: IntArray | None
    delays: IntArray | None
    revision: int


class Total(NamedTuple):
    """Everything ever scored of one source: pairs, and corrections of them."""

    rows: int
    corrected: int


def totals(connection: sa.Connection, route: str) -> dict[Source, Total]:
    """What is scored of each version that has any on this route, by model and version."""
    c = performance.c
    query = sa.select(c.model, c.version, c.route, c.rows, c.corrected).where(c.width == TOTAL, c.route == route)
    rows = connection.execute(query.order_by(c.model, c.version)).all()
    return {Source(*row[:3]): Total(row.rows, row.corrected) for row in rows if row.rows or row.corrected}


def labelled_sources(connection: sa.Connection, model: str | None = None, version: str | None = None) -> list[Source]:
    """The sources that have pairs: of all models, or of one version."""
    c = performance.c
    query = sa.select(c.model, c.version, c.route).where(c.width == TOTAL, c.rows > 0)
    query = query if model is None else query.where(c.model == model, c.version == version)
    return [Source(*row) for row in connection.execute(query.order_by(c.model, c.version, c.route))]


def first_scored(connection: sa.Connection, source: Source) -> int | None:
    """The start of the first bucket that is kept, Unix seconds."""
    found: int | None = connection.execute(
        sa.select(sa.func.min(performance.c.bucket_start)).where(*_of(source))
    ).scalar()
    return found


def revisions(connection: sa.Connection, source: Source, span: tuple[int, int], width: int) -> dict[int, int]:
    """{start of a window of `width` seconds: its revision}, of windows that start in `span` and have labels."""
    c = performance.c
    step = (c.bucket_start // width * width).label("step")
    query = sa.select(step, sa.func.sum(c.revision)).where(*_of(source), *_within(span)).group_by(step)
    return {int(row[0]): int(row[1]) for row in connection.execute(query) if row[1]}


def scored_windows(
    connection: sa.Connection, source: Source, starts: Collection[int], width: int
) -> dict[int, ScoredWindow]:
    """The windows that begin at `starts`, as far as anything is scored in them."""
    if not starts:
        return {}
    c, found = performance.c, dict[int, ScoredWindow]()
    query = sa.select(c.bucket_start, c.counts, c.delays, c.revision)
    query = query.where(*_of(source), *_within((min(starts), max(starts) + width)))
    wanted = frozenset(starts)
    for row in connection.execute(query.order_by(c.bucket_start)):
        start = row.bucket_start // width * width
        if start in wanted:
            old = found.get(start, ScoredWindow(None, None, 0))
            counts, delays = _added(old.counts, row.counts), _added(old.delays, row.delays)
            found[start] = ScoredWindow(counts, delays, old.revision + row.revision)
    return found


def _of(source: Source) -> tuple[sa.ColumnElement[bool], ...]:
    c = performance.c
    return c.model == source.model, c.version == source.version, c.route == source.route, c.width > TOTAL


def _within(span: tuple[int, int]) -> tuple[sa.ColumnElement[bool], ...]:
    return performance.c.bucket_start >= span[0], performance.c.bucket_start < span[1]


def _added(sum_: IntArray | None, packed: bytes | None) -> IntArray | None:
    """The sum, in place, with a packed tally; an empty one adds nothing."""
    if not packed:
        return sum_
    counts = Tally.from_bytes(packed).counts
    if sum_ is None:
        return counts
    sum_ += counts
    return sum_
