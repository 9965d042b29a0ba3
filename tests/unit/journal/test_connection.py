"""The connection's settings and its transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from watchkeeper.journal.connection import connect, transaction

ROW = "INSERT INTO entries (appended_at, kind, model, rows, crc, payload) VALUES (0, 'k', 'm', ?, 0, x'00')"


def test_an_error_rolls_the_whole_transaction_back(tmp_path: Path) -> None:
    connection = connect(tmp_path / "j.db", 1.0)
    with pytest.raises(sqlite3.IntegrityError), transaction(connection) as cursor:
        cursor.executemany(ROW, [(1,), (None,)])
    assert connection.execute("SELECT count(*) FROM entries").fetchone()[0] == 0
    connection.close()


def test_a_new_file_begins_at_the_microsecond_of_its_making(tmp_path: Path) -> None:
    connection = connect(tmp_path / "j.db", 1.5)
    with transaction(connection) as cursor:
        cursor.execute(ROW, (1,))
    assert connection.execute("SELECT max(position) FROM entries").fetchone()[0] == 1_500_001
    connection.close()
