"""Bring the state database to the schema of this version: forwards only, all or nothing, once at a time.

Three processes may open a new data directory at the same moment: one migrates under a file lock, the others wait.
A database that a newer version wrote is refused with a clear message and is not touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from watchkeeper.events.errors import Conflict
from watchkeeper.store.database import Database

_SCRIPTS = Path(__file__).with_name("migrations")


def migrate(database: Database) -> None:
    """Make the tables, or change them to what this version needs."""
    head = head_revision()
    if current_revision(database) == head:
        return
    with _alone(database.path.with_suffix(".lock")):
        current = current_revision(database)
        if current == head:
            return
        _check_known(current, database.path)
        with database.begin() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def head_revision() -> str:
    """The schema revision that this version of Watchkeeper writes."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current_revision(database: Database) -> str | None:
    """The schema revision of the file, None before the first."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _check_known(current: str | None, path: Path) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            f"The state database {path} has schema {current}, which this version of Watchkeeper does not know.",
            hint="A newer version wrote it: use that version, or another data directory.",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
