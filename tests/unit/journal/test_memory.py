"""The journal in memory is a real fake; the contract suite runs over it. Here: what only it does."""

from __future__ import annotations

from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry


def test_the_clock_stamps_each_entry() -> None:
    journal = MemoryJournal(clock=lambda: 12.5)
    journal.append([Entry(kind="feedback", model="m", rows=2, payload=b"abc")])
    assert journal.read(0, 1)[0].appended_at == 12.5
    assert journal.size_bytes() == 3
