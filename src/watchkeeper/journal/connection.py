"""A connection to the journal file, with its settings and its one table."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

_BUSY_SECONDS = 10.0


def connect(path: Path, now: float) -> sqlite3.Connection:
    """A connection with the journal's settings to the file at `path`; both are made, the file for its owner alone."""
    with contextlib.suppress(OSError):  # SQLite says why it cannot be opened
        # Only a new file is touched: to close one would drop the locks of every connection that this process has to it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode = WAL", "synchronous = FULL", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    with transaction(connection) as cursor:
        _make_table(cursor, now)
    return connection


def _make_table(cursor: sqlite3.Cursor, now: float) -> None:
    if cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone():
        return
    cursor.execute(
        "CREATE TABLE entries (position INTEGER PRIMARY KEY AUTOINCREMENT, appended_at REAL NOT NULL,"
        " kind TEXT NOT NULL, model TEXT NOT NULL, rows INTEGER NOT NULL, crc INTEGER NOT NULL, payload BLOB NOT NULL)"
    )
    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)", (int(now * 1_000_000),))


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    """One transaction that takes the write lock at once: committed at the end, rolled back on any error."""
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        yield cursor
        cursor.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            cursor.execute("ROLLBACK")
        raise
