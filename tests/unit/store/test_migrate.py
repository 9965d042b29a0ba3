"""The schema of a file: made, brought forward, refused when it is from the future."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from watchkeeper.events.errors import Conflict
from watchkeeper.store import migrate as migrate_module
from watchkeeper.store.buckets import Source
from watchkeeper.store.database import Database
from watchkeeper.store.migrate import current_revision, head_revision, migrate
from watchkeeper.store.performance import Scored
from watchkeeper.store.store import open_store
from watchkeeper.store.tables import METADATA


def test_migrations_make_exactly_the_declared_tables(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    migrate(database)
    assert current_revision(database) == head_revision()
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrate(database)
    database.close()


def at_revision(path: Path, revision: str) -> Database:
    """A state database as the version that wrote `revision` left it."""
    database = Database(path)
    with database.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrate_module.__file__).with_name("migrations")))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return database


def rewarded(database: Database, start: int, rewards: list[float], kept: list[float], width: int = 3600) -> None:
    """A bucket of `rewards` as schema 0003 held it; the labels of `kept` are still there."""
    bucket = ("m", "1", "live", start, width, b"", 0, 0, len(rewards), round(sum(rewards) * 1e6), 1)
    names = "model, version, route, bucket_start, width, counts, rows, corrected, reward_rows, reward_micros, revision"
    with database.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO performance ({names}) VALUES ({', '.join('?' * 11)})", bucket)
        for place, reward in enumerate(kept):
            connection.exec_driver_sql(
                "INSERT INTO labels VALUES ('m', ?, 'reward', ?, NULL, 0, 0, NULL, NULL, '1', 'live', ?, 1)",
                (f"{start} {place}", reward, (start + place) * 1_000_000),
            )


def test_rewards_of_the_schema_before_get_their_squares_where_their_labels_tell(tmp_path: Path) -> None:
    database = at_revision(tmp_path / "state.db", "0003")
    rewarded(database, 3600, [0.0, 2.5, -1.0], [0.0, 2.5, -1.0])
    rewarded(database, 7200, [1.0, 1.0, 4.0], [1.0, 4.0])
    rewarded(database, 10_800, [], [])
    rewarded(database, 0, [0.0, 2.5, -1.0, 1.0, 1.0, 4.0], [], width=0)
    database.close()
    store = open_store(tmp_path)
    told, lost, none = store.performance.buckets("m", "1", 0, 1 << 40)
    assert (told.reward_micros, told.reward_squares, told.reward_zeros) == (1_500_000, 7_250_000 * 10**6, 1)
    assert (lost.reward_rows, lost.reward_micros, lost.reward_squares) == (3, 6_000_000, None)
    assert (none.reward_squares, none.said) == (0, None)
    assert [total.reward_squares for _, total in store.performance.totals()] == [None]
    store.performance.add(Source("m", "1", "live"), [Scored(7200, 3600, reward_rows=1, reward_squares=5)])
    assert [one.reward_squares for one in store.performance.buckets("m", "1", 7200, 7201)] == [None]
    store.close()


def test_a_file_from_the_future_is_refused_untouched(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    migrate(database)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="schema 9999, which this version of Watchkeeper does not know"):
        migrate(database)
    assert current_revision(database) == "9999"
    database.close()


def test_processes_that_open_a_new_directory_together_all_succeed(tmp_path: Path) -> None:
    code = "import sys, pathlib; from watchkeeper.store.store import open_store; open_store(pathlib.Path(sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "data")]) for _ in range(3)]
    assert [process.wait(50) for process in running] == [0, 0, 0]
