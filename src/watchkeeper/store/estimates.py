"""What was estimated of windows without their labels, by method: kept, so that it can be held against the labels later.

An estimate is of one window and one method. Made again, it takes the place of the one before.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from watchkeeper.performance.metric import Metric
from watchkeeper.store.database import Database
from watchkeeper.store.tables import estimates


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What `method` expected of the window [start, end) (Unix seconds) of one version.

    `metrics` by name; `usual` what these were in the labels that taught it, `taught` how many (windows, rows) did.
    `note` says why a metric, or all of them, could not be estimated.
    """

    model: str
    version: str
    start: int
    end: int
    method: str
    metrics: dict[str, Metric]
    usual: dict[str, float]
    taught: tuple[int, int]
    made_at: float
    note: str = ""


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    metrics: dict[str, Metric]
    usual: dict[str, float]
    taught: tuple[int, int]
    note: str


class Estimates:
    """The estimates of every model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, made: Sequence[Estimate]) -> None:
        """Keep `made`, in place of what there was of the same windows and methods."""
        self._database.upsert(estimates, [_row(one) for one in made], replace=("window_end", "body", "made_at"))

    def of(self, model: str, version: str, start: int, end: int, method: str | None = None) -> list[Estimate]:
        """Estimates of windows that start in [start, end), by window, then by method; of one method or of all."""
        c = estimates.c
        conditions = [c.model == model, c.version == version, c.window_start >= start, c.window_start < end]
        conditions += [] if method is None else [c.method == method]
        query = sa.select(estimates).where(*conditions).order_by(c.window_start, c.method)
        with self._database.read() as connection:
            return [_estimate(row) for row in connection.execute(query)]

    def expire(self, model: str, before: int) -> int:
        """Delete estimates of windows of `model` that started before `before` (Unix seconds); how many."""
        c = estimates.c
        with self._database.begin() as connection:
            return connection.execute(sa.delete(estimates).where(c.model == model, c.window_start < before)).rowcount


def _row(one: Estimate) -> dict[str, Any]:
    body = _Body(metrics=one.metrics, usual=one.usual, taught=one.taught, note=one.note)
    return {
        "model": one.model,
        "version": one.version,
        "window_start": one.start,
        "method": one.method,
        "window_end": one.end,
        "body": zlib.compress(msgspec.msgpack.encode(body), 1),
        "made_at": one.made_at,
    }


def _estimate(row: sa.Row[Any]) -> Estimate:
    body = msgspec.msgpack.decode(zlib.decompress(row.body), type=_Body)
    return Estimate(
        model=row.model,
        version=row.version,
        start=row.window_start,
        end=row.window_end,
        method=row.method,
        made_at=row.made_at,
        **msgspec.structs.asdict(body),
    )
