"""The records of a journal."""

from __future__ import annotations

from watchkeeper.journal.protocol import Backlog, Entry


def test_an_empty_backlog_has_no_oldest_entry() -> None:
    assert Backlog().oldest is None
    assert Backlog().rows == 0


def test_entries_compare_by_value() -> None:
    assert Entry(kind="loss", model="m", rows=1, payload=b"") == Entry(kind="loss", model="m", rows=1, payload=b"")
