"""Transactions: joined, rolled back whole, with hooks; faults in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from watchkeeper.events.errors import Unavailable
from watchkeeper.store.database import Database
from watchkeeper.store.migrate import migrate
from watchkeeper.store.tables import counters


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "state.db")
    migrate(made)
    yield made
    made.close()


def value(database: Database, name: str = "n") -> int | None:
    with database.read() as connection:
        return connection.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar()


def test_every_commit_is_synced_and_readers_never_wait(database: Database) -> None:
    with database.read() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")
        }
    assert settings == {"synchronous": 2, "journal_mode": "wal"}


def test_an_upsert_inserts_adds_or_replaces(database: Database) -> None:
    database.upsert(counters, [{"name": "n", "value": 1}], add=["value"])
    database.upsert(counters, [{"name": "n", "value": 2}], add=["value"])
    assert value(database) == 3
    database.upsert(counters, [{"name": "n", "value": 9}], replace=["value"])
    assert value(database) == 9
    database.upsert(counters, [], add=["value"])


def test_writes_inside_begin_are_one_transaction(database: Database) -> None:
    with suppress(RuntimeError), database.begin():
        database.upsert(counters, [{"name": "n", "value": 1}], add=["value"])
        assert value(database) == 1
        raise RuntimeError
    assert value(database) is None


def test_a_begin_inside_another_joins_it(database: Database) -> None:
    with suppress(RuntimeError), database.begin() as outer:
        with database.begin() as inner:
            assert inner is outer
            database.upsert(counters, [{"name": "n", "value": 1}], add=["value"])
        raise RuntimeError
    assert value(database) is None


def test_another_thread_does_not_join(database: Database) -> None:
    seen: list[int | None] = []
    with database.begin():
        database.upsert(counters, [{"name": "n", "value": 1}], add=["value"])
        thread = threading.Thread(target=lambda: seen.append(value(database)))
        thread.start()
        thread.join()
    assert seen == [None]
    assert value(database) == 1


def test_hooks_hear_how_it_ended(database: Database) -> None:
    heard: list[str] = []
    with database.begin():
        database.afterwards(lambda: heard.append("done"), lambda: heard.append("undo"))
    with suppress(RuntimeError), database.begin():
        database.afterwards(lambda: heard.append("done"), lambda: heard.append("undo"))
        raise RuntimeError
    assert heard == ["done", "undo"]
    with pytest.raises(RuntimeError, match="inside begin"):
        database.afterwards(print, print)


def test_a_fault_is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable, match="cannot be used now"), database.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    database.close()
