"""Verdicts of closed windows. A window judged again (late rows came) gets a new revision beside the old."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import sqlalchemy as sa

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.store.database import Database
from watchkeeper.store.tables import verdicts
from watchkeeper.store.windows import Window


class StoredVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of the window [start, end) (Unix seconds) of one version, for the `revision`-th time."""

    model: str
    version: str
    window_start: int
    window_end: int
    revision: int
    judged_at: float
    verdict: Verdict
    n: int
    body: WindowVerdict

    @property
    def revised(self) -> bool:
        """Whether late rows made the window be judged again."""
        return self.revision > 1


class Verdicts:
    """Every revision of every window."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, window: Window, revision: int, verdict: WindowVerdict, now: float) -> StoredVerdict:
        """Keep the verdict on a window."""
        stored = StoredVerdict(
            model=window.model,
            version=window.version,
            window_start=window.start,
            window_end=window.end,
            revision=revision,
            judged_at=now,
            verdict=verdict.verdict,
            n=verdict.n,
            body=verdict,
        )
        row = msgspec.structs.asdict(stored) | {"body": _packed(verdict)}
        with self._database.begin() as connection:
            connection.execute(sa.insert(verdicts), [row])
        return stored

    def latest(self, model: str, version: str | None = None) -> StoredVerdict | None:
        """The newest window's last revision, of one version or of any."""
        found = self.history(model, version, limit=1)
        return found[-1] if found else None

    def history(
        self,
        model: str,
        version: str | None = None,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int = 1000,
    ) -> list[StoredVerdict]:
        """The last revision of each window that starts in [start, end): the newest `limit` of them, by time."""
        c = verdicts.c
        other = verdicts.alias("other")
        same = [c[name] == other.c[name] for name in ("model", "version", "window_start", "window_end")]
        later = sa.exists().where(*same, other.c.revision > c.revision)
        conditions = [c.model == model, ~later]
        conditions += [] if version is None else [c.version == version]
        conditions += [] if start is None else [c.window_start >= start]
        conditions += [] if end is None else [c.window_start < end]
        query = sa.select(verdicts).where(*conditions).order_by(c.window_end.desc(), c.judged_at.desc()).limit(limit)
        with self._database.read() as connection:
            return [_verdict(row) for row in connection.execute(query)][::-1]

    def revisions(self, model: str, version: str, window_start: int) -> list[StoredVerdict]:
        """Everything that was said of one window, oldest first."""
        c = verdicts.c
        query = sa.select(verdicts).where(c.model == model, c.version == version, c.window_start == window_start)
        with self._database.read() as connection:
            return [_verdict(row) for row in connection.execute(query.order_by(c.revision))]

    def expire(self, model: str, before: int) -> int:
        """Delete verdicts on windows of `model` that ended by `before`; how many."""
        c = verdicts.c
        with self._database.begin() as connection:
            return connection.execute(sa.delete(verdicts).where(c.model == model, c.window_end <= before)).rowcount


def _packed(verdict: WindowVerdict) -> bytes:
    return zlib.compress(msgspec.json.encode(verdict), 1)


def _verdict(row: sa.Row[Any]) -> StoredVerdict:
    body = msgspec.json.decode(zlib.decompress(row.body), type=WindowVerdict)
    return StoredVerdict(**{**row._mapping, "verdict": Verdict(row.verdict), "body": body})
