"""The SQLite journal: bounds, trims, faults. What every journal promises is in tests/contract/test_journals.py."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal


def entry(payload: bytes = b"x", rows: int = 1) -> Entry:
    return Entry(kind="inference", model="m", rows=rows, payload=payload)


def test_entries_survive_a_new_opening(tmp_path: Path) -> None:
    first = SqliteJournal(tmp_path / "journal.db")
    position = first.append([entry(b"one"), entry(b"two")])
    first.close()
    second = SqliteJournal(tmp_path / "journal.db")
    assert [stored.payload for stored in second.read(0, 10)] == [b"one", b"two"]
    assert second.head() == position
    assert second.repaired == ""


def test_positions_go_on_after_everything_was_trimmed(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    position = journal.append([entry()])
    journal.trim(position)
    journal.close()
    assert SqliteJournal(tmp_path / "journal.db").append([entry()]) == position + 1


def test_commits_are_synced_before_the_ack(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    connection = journal._connection
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_trim_frees_pages_for_the_bound(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", max_bytes=400_000)
    position = journal.append([entry(b"x" * 200_000)])
    with pytest.raises(Unavailable, match="full"):
        journal.append([entry(b"x" * 200_000)])
    journal.trim(position)
    assert journal.append([entry(b"x" * 200_000)]) == position + 1


def test_a_flipped_bit_marks_its_entry_only(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    first = journal.append([entry(b"aaaa")])
    journal.append([entry(b"bbbb")])
    journal._connection.execute("UPDATE entries SET payload = ? WHERE position = ?", (b"aaab", first))
    assert [stored.damaged for stored in journal.read(0, 10)] == [True, False]


def test_a_fault_of_the_disk_is_said_in_words(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal._connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(Unavailable, match="append to the journal"):
        journal.append([entry(b"x" * 1_000_000)])
    assert journal.read(0, 10) == []


def test_a_place_that_cannot_be_opened_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    with pytest.raises(Unavailable, match="open the journal"):
        SqliteJournal(tmp_path / "journal.db")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.append([entry()])
    assert {oct(path.stat().st_mode & 0o077) for path in tmp_path.iterdir()} == {"0o0"}
    journal.close()


def test_another_reader_sees_commits(tmp_path: Path) -> None:
    writer = SqliteJournal(tmp_path / "journal.db")
    reader = SqliteJournal(tmp_path / "journal.db")
    writer.append([entry()])
    assert len(reader.read(0, 10)) == 1
    with sqlite3.connect(tmp_path / "journal.db") as raw:
        assert raw.execute("SELECT count(*) FROM entries").fetchone()[0] == 1
    raw.close()
