"""The acknowledgement follows the commit, and many requests share one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import msgspec
import pytest

from watchkeeper.events.arrow import decode_batch
from watchkeeper.events.errors import BadInput, Unavailable
from watchkeeper.ingest.feedback import FeedbackIntake
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry


class SlowJournal(MemoryJournal):
    """Appends when it is let, and counts how often."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.appends = 0

    def append(self, entries: Sequence[Entry]) -> int:
        assert self.let.wait(5)
        self.appends += 1
        return super().append(entries)


def body(*ids: str) -> bytes:
    return msgspec.json.encode({"feedback": [{"prediction_id": name, "label": 1} for name in ids]})


def test_an_acknowledged_item_is_in_the_journal() -> None:
    journal = MemoryJournal()
    answer = asyncio.run(FeedbackIntake(journal, clock_us=lambda: 5)("m", body("a", "b")))
    assert msgspec.json.decode(answer) == {"accepted": 2, "durable": True}
    (entry,) = journal.read(0, 10)
    assert (entry.kind, entry.model, entry.rows) == ("feedback", "m", 2)
    assert decode_batch(entry.payload).column("prediction_id").to_pylist() == ["a", "b"]


def test_requests_that_wait_together_share_a_commit() -> None:
    journal = SlowJournal()

    async def many() -> list[bytes]:
        intake = FeedbackIntake(journal)
        requests = [asyncio.create_task(intake("m", body(str(k)))) for k in range(20)]
        await asyncio.sleep(0.02)
        assert not any(request.done() for request in requests)
        journal.let.set()
        return await asyncio.gather(*requests)

    assert len(asyncio.run(many())) == 20
    assert journal.appends <= 2
    assert len(journal.read(0, 100)) == 20


def test_a_journal_that_cannot_take_it_is_said() -> None:
    intake = FeedbackIntake(MemoryJournal(max_bytes=1))
    with pytest.raises(Unavailable, match="full"):
        asyncio.run(intake("m", body("a")))


def test_any_other_fault_is_answered_too() -> None:
    class Broken(MemoryJournal):
        def append(self, entries: Sequence[Entry]) -> int:
            raise ValueError("broken")

    with pytest.raises(Unavailable, match="ValueError"):
        asyncio.run(FeedbackIntake(Broken())("m", body("a")))


def test_a_bad_item_keeps_nothing() -> None:
    journal = MemoryJournal()
    with pytest.raises(BadInput):
        asyncio.run(FeedbackIntake(journal)("m", body("a", "")))
    assert journal.read(0, 10) == []


def test_an_empty_request_writes_nothing() -> None:
    journal = MemoryJournal()
    assert asyncio.run(FeedbackIntake(journal)("m", b'{"feedback":[]}')) == b'{"accepted":0,"durable":true}'
    assert journal.head() == 0


def test_whoever_goes_away_does_not_hold_the_others_up() -> None:
    journal = SlowJournal()

    async def two() -> bytes:
        intake = FeedbackIntake(journal)
        gone = asyncio.create_task(intake("m", body("a")))
        stays = asyncio.create_task(intake("m", body("b")))
        await asyncio.sleep(0.01)
        gone.cancel()
        journal.let.set()
        return await stays

    assert b"accepted" in asyncio.run(two())


def test_too_many_waiting_requests_are_refused() -> None:
    journal = SlowJournal()

    async def flood() -> None:
        intake = FeedbackIntake(journal)
        first = asyncio.create_task(intake("m", body("a")))
        await asyncio.sleep(0.01)
        rest = [asyncio.create_task(intake("m", body("b"))) for _ in range(1001)]
        await asyncio.sleep(0.05)
        journal.let.set()
        results = await asyncio.gather(first, *rest, return_exceptions=True)
        assert sum(isinstance(result, Unavailable) for result in results) == 1

    asyncio.run(flood())
