"""The connection's settings and its transaction."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
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


def test_a_second_connection_of_one_process_takes_nothing_from_the_first(tmp_path: Path) -> None:
    """Locks on a file are a process's: dropped, another process would remove the log that the first still writes to."""
    path = tmp_path / "j.db"
    first, second = connect(path, 1.0), connect(path, 1.0)
    assert _rows_seen_by_another_process(path) == 0
    with transaction(first) as cursor:
        cursor.execute(ROW, (1,))
    assert _rows_seen_by_another_process(path) == 1
    first.close()
    second.close()


def _rows_seen_by_another_process(path: Path) -> int:
    look = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        " print(c.execute('SELECT count(*) FROM entries').fetchone()[0]); c.close()"
    )
    found = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True, check=True)
    return int(found.stdout)
