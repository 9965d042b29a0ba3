"""A damaged journal opens: put aside, saved as far as it reads, counted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.repair import damage
from watchkeeper.journal.sqlite import SqliteJournal

SIZE = 2_000


def filled(path: Path, entries: int = 60, size: int = SIZE) -> int:
    journal = SqliteJournal(path, clock=lambda: 1_000.0)
    position = journal.append(
        [Entry(kind="inference", model="m", rows=1, payload=bytes([i]) * size) for i in range(entries)]
    )
    journal.close()
    return position


def reopened(path: Path) -> SqliteJournal:
    return SqliteJournal(path, clock=lambda: 2_000.0)


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to have a header" * 4, b"\0" * 4096])
def test_a_file_that_is_no_journal_is_put_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(content)
    journal = reopened(path)
    position = journal.append([Entry(kind="inference", model="m", rows=1, payload=b"x")])
    assert [entry.position for entry in journal.read(0, 10)] == [position]
    if content:
        assert "put aside" in journal.repaired
        assert next(tmp_path.glob("journal.db.damaged-*")).read_bytes() == content


def test_positions_rise_past_those_of_the_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = filled(path)
    path.write_bytes(b"ruined" * 1000)
    assert reopened(path).append([Entry(kind="inference", model="m", rows=1, payload=b"x")]) > before


def test_whole_entries_are_saved_from_a_file_with_one_bad_page(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    filled(path)
    content = bytearray(path.read_bytes())
    page = 4096 * 6
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    journal = reopened(path)
    saved = journal.read(0, 1000)
    assert "damaged" in journal.repaired
    assert 40 <= len(saved) < 60
    assert all(entry.payload == entry.payload[:1] * SIZE for entry in saved)


def test_a_bad_page_deep_in_a_large_file_is_found_at_the_opening_after_it_was_met(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchkeeper.journal.repair._CHECKED_WHOLE", 0)
    path = tmp_path / "journal.db"
    filled(path, size=20_000)
    content = bytearray(path.read_bytes())
    content[4096 * 40 : 4096 * 41] = b"\xff" * 4096
    path.write_bytes(content)
    journal = reopened(path)
    assert not journal.repaired, "a large file is checked in part"
    with pytest.raises(Unavailable, match="read the journal"):
        journal.read(0, 1000)
    journal.close()
    again = reopened(path)
    assert "put aside" in again.repaired
    assert len(again.read(0, 1000)) >= 40
    again.close()
    assert not reopened(path).repaired
    assert not list(tmp_path.glob("*.suspect"))


def test_any_truncation_and_any_flip_leaves_a_journal_that_opens(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    filled(whole)
    content = whole.read_bytes()
    rng = random.Random(7)
    for case in range(40):
        path = tmp_path / f"case{case}" / "journal.db"
        path.parent.mkdir()
        path.write_bytes(broken(content, rng))
        journal = reopened(path)
        for entry in journal.read(0, 1000):
            assert entry.damaged or entry.payload == entry.payload[:1] * SIZE
        journal.append([Entry(kind="inference", model="m", rows=1, payload=b"x")])
        journal.close()


def broken(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.5:
        return content[: rng.randrange(len(content))]
    place = rng.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << rng.randrange(8))]) + content[place + 1 :]


def test_a_file_in_use_is_never_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.journal.repair._TRIES", 2)
    path = tmp_path / "journal.db"
    filled(path)
    user = SqliteJournal(path)
    path.write_bytes(b"ruined" * 1000)
    with pytest.raises(Unavailable, match="another process has it open"):
        SqliteJournal(path)
    user.close()
    assert SqliteJournal(path).repaired


def test_no_file_is_no_damage(tmp_path: Path) -> None:
    assert damage(tmp_path / "journal.db") == ""
