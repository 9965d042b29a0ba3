"""The trial of an entry: a real process reads it; only a death by a signal condemns."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.helpers.watching import batch, entry, watched_store
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.watch.trial import read_one, survives

START = 1_700_000_000.0


def test_good_and_unreadable_entries_survive(tmp_path: Path) -> None:
    watched_store(tmp_path).close()
    journal = SqliteJournal(tmp_path / "journal.db")
    before = journal.head()
    first = journal.append([entry(batch([START, START + 1]))])
    journal.append([Entry(kind="inference", model="flights", rows=1, payload=b"junk")])
    journal.close()
    assert read_one(tmp_path, before) == 2
    assert read_one(tmp_path, first) == 0, "junk is the worker's to refuse, and kills nobody"
    assert survives(tmp_path, before)


def test_a_death_by_a_signal_condemns_and_an_error_does_not(tmp_path: Path) -> None:
    die = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    assert not survives(tmp_path, 0, [sys.executable, "-c", die])
    assert survives(tmp_path, 0, [sys.executable, "-c", "raise SystemExit(1)"])
