"""What every journal promises, run over each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry, Journal
from watchkeeper.journal.sqlite import SqliteJournal


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


JOURNALS: dict[str, Callable[..., Journal]] = {
    "memory": lambda path, **options: MemoryJournal(**options),
    "sqlite": lambda path, **options: SqliteJournal(path / "journal.db", **options),
}


@pytest.fixture(params=JOURNALS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Journal]]:
    made: list[Journal] = []

    def open_journal(**options: object) -> Journal:
        made.append(JOURNALS[request.param](tmp_path, **options))
        return made[-1]

    yield open_journal
    for journal in made:
        journal.close()


def entry(payload: bytes = b"x", rows: int = 1, kind: str = "inference", model: str = "m") -> Entry:
    return Entry(kind=kind, model=model, rows=rows, payload=payload)


def test_entries_come_back_as_they_were_in_order(make: Callable[..., Journal]) -> None:
    journal = make()
    wanted = [entry(b"\0\xff", 3), entry(b"", 0, "feedback", "other"), entry(b"z" * 100_000, 7)]
    last = journal.append(wanted)
    found = journal.read(0, 100)
    assert [entry(e.payload, e.rows, e.kind, e.model) for e in found] == wanted
    assert [e.position for e in found] == [last - 2, last - 1, last]
    assert not any(e.damaged for e in found)


def test_reading_goes_on_after_a_position(make: Callable[..., Journal]) -> None:
    journal = make()
    first = journal.append([entry(b"1")])
    journal.append([entry(b"2"), entry(b"3")])
    assert [e.payload for e in journal.read(first, 100)] == [b"2", b"3"]
    assert journal.read(journal.head(), 100) == []


def test_reads_keep_to_both_bounds_but_always_go_on(make: Callable[..., Journal]) -> None:
    journal = make()
    journal.append([entry(b"x" * 10, rows=4) for _ in range(5)])
    assert len(journal.read(0, 8)) == 2
    assert len(journal.read(0, 1)) == 1
    assert len(journal.read(0, 100, max_bytes=35)) == 3
    assert len(journal.read(0, 100, max_bytes=1)) == 1


def test_a_trim_forgets_what_is_behind(make: Callable[..., Journal]) -> None:
    journal = make()
    middle = journal.append([entry(b"1"), entry(b"2")])
    last = journal.append([entry(b"3")])
    assert journal.trim(middle) == 2
    assert [e.position for e in journal.read(0, 10)] == [last]
    assert journal.trim(last) == 1
    assert journal.append([entry()]) == last + 1


def test_a_trim_may_keep_what_is_young(make: Callable[..., Journal]) -> None:
    clock = Clock()
    journal = make(clock=clock)
    journal.append([entry(b"old")])
    clock.now = 200.0
    last = journal.append([entry(b"young")])
    assert journal.trim(last, older_than=150.0) == 1
    assert [e.payload for e in journal.read(0, 10)] == [b"young"]


def test_many_entries_are_trimmed(make: Callable[..., Journal]) -> None:
    journal = make()
    last = journal.append([entry() for _ in range(700)])
    assert journal.trim(last) == 700
    assert journal.read(0, 10) == []


def test_the_backlog_is_counted(make: Callable[..., Journal]) -> None:
    clock = Clock()
    journal = make(clock=clock)
    first = journal.append([entry(b"12345", rows=2)])
    clock.now = 150.0
    journal.append([entry(b"123", rows=5), entry(b"1", rows=1)])
    backlog = journal.backlog(first)
    assert (backlog.entries, backlog.rows, backlog.bytes, backlog.oldest) == (2, 6, 4, 150.0)
    assert journal.backlog(journal.head()).oldest is None


def test_a_full_journal_refuses_whole_appends(make: Callable[..., Journal]) -> None:
    journal = make(max_bytes=200_000)
    journal.append([entry(b"x" * 100_000)])
    with pytest.raises(Unavailable, match="full"):
        journal.append([entry(b"y"), entry(b"x" * 150_000)])
    assert len(journal.read(0, 100)) == 1


def test_appends_from_many_threads_keep_one_order(make: Callable[..., Journal]) -> None:
    journal = make()

    def work(name: int) -> None:
        for index in range(20):
            journal.append([entry(b"%d:%d" % (name, index))])

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = journal.read(0, 1000)
    assert len({e.position for e in found}) == 80
    for name in range(4):
        mine = [e.payload for e in found if e.payload.startswith(b"%d:" % name)]
        assert mine == [b"%d:%d" % (name, index) for index in range(20)]
