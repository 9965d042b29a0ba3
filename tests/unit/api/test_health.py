from __future__ import annotations

from tests.helpers.seed import NOW
from watchkeeper.api.context import Context
from watchkeeper.api.health import dead_letters, health
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.store.dead_letters import DeadLetter


def test_all_well(context: Context) -> None:
    view = health(context)
    assert view.ok
    assert [process.process for process in view.processes] == ["gateway", "watch", "console"]
    assert all(process.up for process in view.processes)
    assert view.balance.holds
    assert view.balance.received > 12000
    assert [(loss.reason, loss.rows) for loss in view.losses] == [("buffer_full", 17)]
    assert view.lag is None
    assert dead_letters(context) == []


def test_a_silent_process_is_a_problem_that_says_what_to_do(context: Context) -> None:
    view = health(Context(context.store, now=lambda: NOW + 60))
    assert not view.ok
    assert len(view.problems) == 3
    assert "read its log" in view.problems[0]


def test_what_waits_in_the_journal(context: Context) -> None:
    journal = MemoryJournal(clock=lambda: NOW - 100)
    for _ in range(100):
        journal.append([Entry(kind="loss", model="delays", rows=5, payload=b"{}")])
    view = health(Context(context.store, now=lambda: NOW, journal=journal))
    assert view.lag is not None
    assert view.lag.rows > 0
    assert view.lag.seconds == 100
    assert any("journal" in problem for problem in view.problems)


def test_a_new_directory_has_never_seen_a_process(empty: Context) -> None:
    view = health(empty)
    assert not any(process.up for process in view.processes)
    assert view.balance.holds


def test_dead_letters_are_a_problem(empty: Context) -> None:
    letter = DeadLetter(
        received_at=NOW, reason="malformed", detail="no such column", kind="inference", model="m", rows=2, position=1
    )
    empty.store.dead_letters.add([letter])
    (found,) = dead_letters(empty)
    assert (found.reason, found.rows) == ("malformed", 2)
    assert any("could not be kept" in problem for problem in health(empty).problems)
