"""Heartbeats: the last sign of life of each process, with its figures."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from watchkeeper.store.database import Database
from watchkeeper.store.tables import heartbeats


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """Process `process` (gateway, watch, console) was alive at `at`; `stats` are its own figures."""

    process: str
    pid: int
    at: float
    started_at: float
    stats: dict[str, Any] = {}


class Heartbeats:
    """One row a process name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, heartbeat: Heartbeat) -> None:
        """Replace the last sign of life of this process."""
        row = msgspec.structs.asdict(heartbeat) | {"stats": msgspec.json.encode(heartbeat.stats).decode()}
        self._database.upsert(heartbeats, [row], replace=("pid", "at", "started_at", "stats"))

    def forget(self, process: str) -> None:
        """This process is not expected to run any more."""
        with self._database.begin() as connection:
            connection.execute(sa.delete(heartbeats).where(heartbeats.c.process == process))

    def all(self) -> list[Heartbeat]:
        """The last sign of life of every process, by name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(heartbeats).order_by(heartbeats.c.process)).all()
        return [Heartbeat(**{**row._mapping, "stats": msgspec.json.decode(row.stats)}) for row in rows]
