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
from watchkeeper.ingest.feedback_body import Key
from watchkeeper.ingest.rate import Rate, TooMany
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.schema.truth import Truth


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


def refusals(journal: MemoryJournal) -> dict[str, int]:
    found = [entry for entry in journal.read(0, 100) if entry.kind == "loss"]
    return {msgspec.json.decode(entry.payload)["reason"]: entry.rows for entry in found}


def test_what_is_refused_is_counted_by_reason_in_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.ingest.feedback._TELL_SECONDS", 0.01)
    journal = MemoryJournal()

    async def send() -> None:
        intake = FeedbackIntake(journal, rate=Rate(a_second=1, at_once=3))
        for _ in range(3):
            with pytest.raises(BadInput):
                await intake("m", b'{"prediction_id": "a", "label": "tuesday"}', (), Truth("regression", ()))
        with pytest.raises(TooMany):
            await intake("m", body("a", "b", "c", "d"))
        with pytest.raises(BadInput):
            await intake("m", b"no JSON")
        await asyncio.sleep(0.1)

    asyncio.run(send())
    assert refusals(journal) == {"feedback_not_a_label": 3, "feedback_too_fast": 4, "feedback_malformed": 1}


def test_refusals_that_the_journal_cannot_take_are_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.ingest.feedback._TELL_SECONDS", 0.01)
    journal = MemoryJournal(max_bytes=1)

    async def send() -> None:
        intake = FeedbackIntake(journal)
        for _ in range(2):
            with pytest.raises(BadInput):
                await intake("m", body(""))
            await asyncio.sleep(0.05)
            journal._max_bytes = 1 << 20

    asyncio.run(send())
    assert refusals(journal) == {"feedback_malformed": 2}


def test_a_key_is_looked_up_for_its_model_beside_the_loop() -> None:
    journal = MemoryJournal()
    threads: list[int] = []

    def find(model: str, key: Key) -> str:
        threads.append(threading.get_ident())
        return f"{model}-{key.features['tail']}"

    item = {"key": {"tail": "N1"}, "predicted_from": 0, "predicted_to": 10, "label": 1}
    asyncio.run(FeedbackIntake(journal, find=find)("m", msgspec.json.encode(item)))
    assert decode_batch(journal.read(0, 1)[0].payload).column("prediction_id").to_pylist() == ["m-N1"]
    assert threads != [threading.get_ident()]


def test_the_sender_is_recorded() -> None:
    journal = MemoryJournal()
    asyncio.run(FeedbackIntake(journal)("m", body("a"), [(b"feedback-source", b"claims")]))
    assert decode_batch(journal.read(0, 1)[0].payload).column("source").to_pylist() == ["claims"]
