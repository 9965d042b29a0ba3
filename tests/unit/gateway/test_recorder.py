from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.helpers.serving import NOW_US, PEPPER, recorded_rows, served
from watchkeeper.events.errors import Unavailable
from watchkeeper.gateway.capture import CaptureBuffer, Captured
from watchkeeper.gateway.recorder import ENCODE_FAILED, JOURNAL_REFUSED, SHUTDOWN, Recorder
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.models.task import Task, output_features
from watchkeeper.schema.feature import Feature, FeatureType, Privacy

M, OTHER = served(), served("other")
SECRET = served(features=(Feature(name="age", type=FeatureType.NUMERIC, privacy=Privacy.HASH),))


class BrokenJournal(MemoryJournal):
    """Raises the next of `faults` at each append, until there are none; `poisoned` models are always refused."""

    def __init__(self, faults: Sequence[Exception] = (), poisoned: str = "") -> None:
        super().__init__()
        self.faults = list(faults)
        self.poisoned = poisoned

    def append(self, entries: Sequence[Entry]) -> int:
        if self.faults:
            raise self.faults.pop(0)
        if any(entry.model == self.poisoned for entry in entries):
            raise ValueError("this entry cannot be kept")
        return super().append(entries)


def captured(version: Any = M, **changed: Any) -> Captured:
    rows, outputs = np.array([[1.0, 2.0]]), (np.array([1]), np.array([0.9]))
    item = Captured(version, 1, rows, outputs, "id", None, NOW_US, NOW_US, 200, None, 7, 10)
    return item._replace(**changed)


def recorder(journal: MemoryJournal, *items: Captured, rows: int = 100) -> tuple[Recorder, CaptureBuffer]:
    buffer = CaptureBuffer(max_rows=rows, max_bytes=10_000)
    for item in items:
        buffer.put(item)
    return Recorder(buffer, journal, PEPPER), buffer


def losses_in(journal: MemoryJournal) -> list[tuple[str, str, int]]:
    return [
        (entry.model, msgspec.json.decode(entry.payload)["reason"], entry.rows)
        for entry in journal.read(0, 1 << 30)
        if entry.kind == "loss"
    ]


def test_a_flush_writes_one_entry_a_version_and_frees_the_buffer() -> None:
    journal = MemoryJournal()
    made, buffer = recorder(journal, captured(), captured(OTHER), captured())
    assert made.flush() is False, "nothing more waits"
    assert [(entry.model, entry.rows) for entry in journal.read(0, 100)] == [("m", 2), ("other", 1)]
    assert (made.recorded_rows, buffer.rows, made.failing) == (3, 0, None)


def test_the_thread_records_within_50_ms() -> None:
    journal = MemoryJournal()
    made, buffer = recorder(journal)
    made.start()
    buffer.put(captured())
    deadline = time.monotonic() + 2
    while not journal.head() and time.monotonic() < deadline:
        time.sleep(0.005)
    made.close(2)
    assert journal.head() == 1


@pytest.mark.parametrize("fault", [Unavailable("disk full"), OSError(5, "Input/output error")])
def test_a_journal_that_fails_for_now_loses_nothing(fault: Exception) -> None:
    journal = BrokenJournal([fault, fault])
    made, buffer = recorder(journal, captured())
    made.flush()
    assert made.failing is not None
    assert buffer.rows == 1, "held rows keep their room"
    buffer.put(captured())
    made.flush()
    made.flush()
    made.flush()
    assert len(recorded_rows(journal)) == 2
    assert made.flush() is False
    assert not made.losses()


def test_memory_is_bounded_while_the_journal_fails_and_the_loss_is_told_afterwards() -> None:
    journal = BrokenJournal([Unavailable("full")] * 3)
    made, buffer = recorder(journal, rows=2)
    for _ in range(5):
        buffer.put(captured())
        made.flush()
    made.flush()
    assert made.losses() == {("m", "buffer_full"): 2}
    assert losses_in(journal) == [("m", "buffer_full", 2)]
    made.flush()
    assert losses_in(journal) == [("m", "buffer_full", 2)], "told once"
    assert len(recorded_rows(journal)) == 3


def test_rows_that_only_themselves_are_refused_are_dropped_and_their_neighbours_kept() -> None:
    journal = BrokenJournal(poisoned="other")
    made, _ = recorder(journal, captured(), captured(OTHER, n=1))
    made.flush()
    assert [row["prediction_id"] for row in recorded_rows(journal)] == ["id"]
    assert made.losses() == {("other", JOURNAL_REFUSED): 1}
    assert made.recorded_rows == 1, "what is lost was not recorded"


def test_rows_that_cannot_be_encoded_are_counted_and_others_kept(caplog: pytest.LogCaptureFixture) -> None:
    journal = MemoryJournal()
    made, _ = recorder(journal, captured(prediction_id=object()), captured(OTHER))
    made.flush()
    assert made.losses() == {("m", ENCODE_FAILED): 1}
    assert len(recorded_rows(journal)) == 1
    made.flush()
    assert losses_in(journal) == [("m", ENCODE_FAILED, 1)]


def test_a_private_feature_is_hashed_before_the_journal_sees_it() -> None:
    journal = MemoryJournal()
    made, _ = recorder(journal, captured(SECRET, rows=np.array([[61.5]])))
    made.flush()
    row = recorded_rows(journal)[0]
    assert len(row["input.age"]) == 16
    assert b"61.5" not in journal.read(0, 10)[0].payload


def test_privacy_fails_closed(caplog: pytest.LogCaptureFixture) -> None:
    journal = MemoryJournal()
    outputs = output_features(Task.BINARY, ("0", "1"))
    broken = captured(SECRET, rows=np.array([["not a number: private"]], dtype=object), outputs=None, error="private")
    assert outputs
    made, _ = recorder(journal, broken)
    made.flush()
    row = recorded_rows(journal)[0]
    assert (row["prediction_id"], row["input.age"], row["error"]) == ("id", None, None)
    assert made.payloads_withheld() == {"m": 1}
    assert b"private" not in journal.read(0, 10)[0].payload
    assert "private" not in caplog.text


def test_closing_records_what_is_left() -> None:
    journal = MemoryJournal()
    made, buffer = recorder(journal)
    made.start()
    for _ in range(10):
        buffer.put(captured())
    made.close(2)
    assert len(recorded_rows(journal)) == 10


def test_what_cannot_be_recorded_at_the_end_is_counted() -> None:
    made, _ = recorder(BrokenJournal([Unavailable("full")] * 100), captured(), captured())
    made.start()
    made.close(2)
    assert made.losses() == {("m", SHUTDOWN): 2}


def test_a_journal_that_recovers_before_the_end_gets_all_that_waits() -> None:
    journal = BrokenJournal([Unavailable("full")])
    made, buffer = recorder(journal, captured())
    made.flush()
    buffer.put(captured())
    made.start()
    made.close(2)
    assert len(recorded_rows(journal)) == 2
    assert not made.losses()


def test_a_loss_at_the_end_is_told_if_the_journal_can_be_written_by_then() -> None:
    journal = BrokenJournal([Unavailable("full")] * 2)
    made, _ = recorder(journal, captured())
    made.flush()
    made._last_flush()
    assert losses_in(journal) == [("m", SHUTDOWN, 1)]


def test_whoever_waits_for_the_commit_is_told_how_it_went() -> None:
    async def scenario(journal: MemoryJournal) -> None:
        made, buffer = recorder(journal)
        made.start()
        done = asyncio.get_running_loop().create_future()
        buffer.put(captured(committed=done))
        made.hurry()
        try:
            await asyncio.wait_for(done, 2)
        finally:
            await asyncio.to_thread(made.close, 2)

    asyncio.run(scenario(MemoryJournal()))
    with pytest.raises(Unavailable, match="could not be recorded"):
        asyncio.run(scenario(BrokenJournal([Unavailable("full")] * 3)))


def told() -> list[str]:
    """What clients of two durable requests are told, the second made after the first could not be recorded."""

    async def scenario() -> list[str]:
        loop = asyncio.get_running_loop()
        first, second = loop.create_future(), loop.create_future()
        made, buffer = recorder(BrokenJournal([Unavailable("full")] * 2))
        for done in (first, second):
            buffer.put(captured(committed=done))
            made.flush()
        await asyncio.wait([first, second], timeout=1)
        return [str(done.exception()) if done.done() else "waits" for done in (first, second)]

    return asyncio.run(scenario())


def test_nobody_waits_for_a_failing_journal_to_recover() -> None:
    assert all("could not be recorded" in answer for answer in told())


def test_a_row_that_was_lost_is_never_confirmed(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        done = asyncio.get_running_loop().create_future()
        made, _ = recorder(MemoryJournal(), captured(prediction_id=object(), committed=done))
        made.flush()
        assert made.recorded_rows == 0
        await done

    with pytest.raises(Unavailable, match="could not be recorded"):
        asyncio.run(scenario())
