"""Windows: which were changed since they were judged, and the sums of those that were; and how far time has come.

A window of a version is changed when a row falls into it, and judged when it has closed. The sum it was judged on is
kept, with the columns that were flagged in it, so that a rolling reference reads a few sums instead of thousands of
buckets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from watchkeeper.store.database import Database
from watchkeeper.store.tables import streams, windows
from watchkeeper.tallies.tally import IntArray, Tally

Span = tuple[int, int]
"""[start, end) in Unix seconds."""


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """How far a model's events have come. Unix seconds.

    `newest_event` is the latest event time seen (never later than its receive time), `newest_receive` the latest
    receive time, `lag` the seconds between the two at the newest event: small in a live stream, large in a replay.
    """

    model: str
    newest_event: float
    newest_receive: float
    lag: float


class Window(NamedTuple):
    """[start, end) of one version; `judged` is how often it was judged already."""

    model: str
    version: str
    start: int
    end: int
    judged: int = 0


class Recent(NamedTuple):
    """Judged windows by time: starts int64 (K,), counts int64 (K, size), and the columns each had flagged."""

    starts: IntArray
    counts: IntArray
    flagged: list[frozenset[str]]


class Windows:
    """What is to be judged, and what was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def touch(self, model: str, version: str, spans: Iterable[Span]) -> None:
        """Rows fell into these windows of this version."""
        self._database.upsert(windows, _unjudged(model, version, spans), replace=["changed"])

    def expect(self, model: str, version: str, spans: Sequence[Span]) -> None:
        """Nothing fell into these windows, and that itself is to be judged; does nothing where they are known."""
        if spans:
            with self._database.begin() as connection:
                connection.execute(insert(windows).on_conflict_do_nothing(), _unjudged(model, version, spans))

    def changed(self, model: str | None = None) -> list[Window]:
        """Windows with rows that no verdict has seen yet, by end."""
        c = windows.c
        query = sa.select(c.model, c.version, c.window_start, c.window_end, c.judged).where(c.changed == 1)
        if model is not None:
            query = query.where(c.model == model)
        with self._database.read() as connection:
            return [Window(*row) for row in connection.execute(query.order_by(c.window_end, c.model, c.version))]

    def judge(self, window: Window, tally: Tally | None, rows: int, flagged: Collection[str] = ()) -> int:
        """The window was judged on `tally` and found `flagged` columns unusual; which revision this verdict is."""
        c = windows.c
        revision = window.judged + 1
        with self._database.begin() as connection:
            connection.execute(
                sa.update(windows)
                .where(c.model == window.model, c.version == window.version)
                .where(c.window_start == window.start, c.window_end == window.end)
                .values(
                    changed=0,
                    judged=revision,
                    rows=rows,
                    counts=None if tally is None else tally.to_bytes(),
                    flagged=msgspec.json.encode(sorted(flagged)).decode(),
                )
            )
        return revision

    def recent(self, window: Window, limit: int) -> Recent | None:
        """The last `limit` judged windows of this version and length before this one; None if there are none.

        Windows without rows are left out.
        """
        c = windows.c
        query = _before(window, c.window_start, c.counts, c.flagged).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()[::-1]
        if not rows:
            return None
        return Recent(
            np.array([row.window_start for row in rows], np.int64),
            np.stack([Tally.from_bytes(row.counts).counts for row in rows]),
            [frozenset(msgspec.json.decode(row.flagged, type=list[str])) for row in rows],
        )

    def last(self, window: Window) -> int | None:
        """The start of the last window that `recent` would give, Unix seconds."""
        with self._database.read() as connection:
            start: int | None = connection.execute(_before(window, windows.c.window_start).limit(1)).scalar()
        return start

    def newest(self, model: str, version: str) -> int | None:
        """The end of the newest window of a version, Unix seconds; None where it has none."""
        c = windows.c
        query = sa.select(sa.func.max(c.window_end)).where(c.model == model, c.version == version)
        with self._database.read() as connection:
            end: int | None = connection.execute(query).scalar()
        return end

    def expire(self, model: str, before: int) -> int:
        """Forget judged windows that ended by `before`; how many."""
        c = windows.c
        with self._database.begin() as connection:
            gone = sa.delete(windows).where(c.model == model, c.window_end <= before, c.changed == 0)
            return connection.execute(gone).rowcount

    def advance(self, stream: Stream) -> None:
        """Events have come this far; never moves back."""
        with self._database.begin() as connection:
            known = connection.execute(sa.select(streams).where(streams.c.model == stream.model)).first()
            row = msgspec.structs.asdict(stream)
            if known is not None and known.newest_event > stream.newest_event:
                row |= {"newest_event": known.newest_event, "lag": known.lag}
            if known is not None:
                row["newest_receive"] = max(known.newest_receive, stream.newest_receive)
            self._database.upsert(streams, [row], replace=("newest_event", "newest_receive", "lag"))

    def streams(self) -> dict[str, Stream]:
        """How far each model's events have come."""
        with self._database.read() as connection:
            return {row.model: Stream(**row._mapping) for row in connection.execute(sa.select(streams))}


def _before(window: Window, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Judged windows with rows, of this version and length, before `window`: the newest first."""
    c = windows.c
    return (
        sa.select(*columns)
        .where(c.model == window.model, c.version == window.version, c.window_start < window.start)
        .where(c.judged > 0, c.rows > 0, c.window_end - c.window_start == window.end - window.start)
        .order_by(c.window_start.desc())
    )


def _unjudged(model: str, version: str, spans: Iterable[Span]) -> list[dict[str, object]]:
    blank: dict[str, object] = {"model": model, "version": version, "rows": 0, "flagged": "[]"}
    return [{**blank, "window_start": a, "window_end": b, "changed": 1, "judged": 0} for a, b in spans]
