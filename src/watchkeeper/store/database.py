"""The state database: SQLite in WAL mode with synchronous=FULL, through SQLAlchemy Core.

Writes take the write lock at once (BEGIN IMMEDIATE), so a transaction never fails half-way for want of it. `begin()`
opens one transaction; every noun used inside it, in the same thread, joins it. Outside, each write is its own
transaction. Reads see the transaction they are inside of, or the last commit.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from watchkeeper.events.errors import Unavailable

_BUSY_MS = 15_000
_WRITES = "watchkeeper_writes"


class Database:
    """Connections and transactions over one file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}", pool_size=4, max_overflow=28)
        sa.event.listen(self.engine, "connect", _prepare)
        sa.event.listen(self.engine, "begin", _begin)
        self._current: ContextVar[_Transaction | None] = ContextVar("transaction", default=None)

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """One transaction, committed at the end and rolled back on any error; joins the one already open."""
        outer = self._current.get()
        if outer is not None:
            yield outer.connection
            return
        transaction = _Transaction()
        try:
            with self._connection(writes=True) as connection, connection.begin():
                transaction.connection = connection
                token = self._current.set(transaction)
                try:
                    yield connection
                finally:
                    self._current.reset(token)
        except BaseException:
            _call(transaction.undo)
            raise
        _call(transaction.done)

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection to read with: the open transaction's, or one that sees one snapshot of the last commit."""
        outer = self._current.get()
        if outer is not None:
            yield outer.connection
            return
        with self._connection(writes=False) as connection, connection.begin():
            yield connection

    def afterwards(self, done: Callable[[], None], undo: Callable[[], None]) -> None:
        """Call `done` when the open transaction has committed, or `undo` when it was rolled back."""
        transaction = self._current.get()
        if transaction is None:
            raise RuntimeError("afterwards() has a meaning only inside begin()")
        transaction.done.append(done)
        transaction.undo.append(undo)

    def upsert(
        self, table: sa.Table, rows: Sequence[dict[str, Any]], *, add: Sequence[str] = (), replace: Sequence[str] = ()
    ) -> None:
        """Insert `rows`; where a primary key is there, add to the columns `add` and overwrite those in `replace`."""
        if not rows:
            return
        statement = insert(table)
        changed = {name: table.c[name] + statement.excluded[name] for name in add}
        changed |= {name: statement.excluded[name] for name in replace}
        with self.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changed), rows
            )

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _connection(self, *, writes: bool) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect().execution_options(**{_WRITES: writes}) as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.IntegrityError):
                raise
            raise Unavailable(
                f"The state database {self.path} cannot be used now: {error.orig}.",
                hint="Free disk space if it is full; if another program holds a lock on it, stop that program.",
            ) from error


def listed(texts: Sequence[str]) -> sa.Select[tuple[str]]:
    """`texts` as a sub-query, for IN: one parameter however many there are."""
    values = sa.func.json_each(msgspec.json.encode(list(texts)).decode()).table_valued("value")
    return sa.select(values.c.value)


class _Transaction:
    connection: sa.Connection

    def __init__(self) -> None:
        self.done: list[Callable[[], None]] = []
        self.undo: list[Callable[[], None]] = []


def _call(hooks: list[Callable[[], None]]) -> None:
    for hook in hooks:
        hook()


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event below opens every transaction
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {_BUSY_MS}"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
