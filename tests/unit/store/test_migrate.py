"""The schema of a file: made, brought forward, refused when it is from the future."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from watchkeeper.events.errors import Conflict
from watchkeeper.store.database import Database
from watchkeeper.store.migrate import current_revision, head_revision, migrate
from watchkeeper.store.tables import METADATA


def test_migrations_make_exactly_the_declared_tables(tmp_path: Path) -> None:
    database = Database(tmp_path / "state.db")
    migrate(database)
    assert current_revision(database) == head_revision()
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrate(database)
    database.close()


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
