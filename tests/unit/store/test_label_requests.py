"""The queue of labels that people are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.performance.sampling import lowest
from watchkeeper.store.label_requests import WAITING, Asked, LabelRequest
from watchkeeper.store.labels import Label
from watchkeeper.store.store import Store
from watchkeeper.watch.worker import Worker


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    yield made
    made.close()


def request(name: str, start: int = START, deadline: float = 100.0) -> LabelRequest:
    return LabelRequest(
        prediction_id=name, version="1", window_start=start, window_end=start + DAY, rows=200, probability=0.1,
        reason="routine", why="because", asked_at=1.0, deadline=deadline, changed_at=1.0,
    )  # fmt: skip


def label(name: str) -> Label:
    return Label(
        prediction_id=name, kind="label", number=1.0, event_time=0, arrived_at=0, version="1", route="live",
        predicted_at=START * 1_000_000,
    )  # fmt: skip


def test_a_request_is_made_once(store: Store) -> None:
    store.label_requests.add("flights", [request("a"), request("b")])
    store.label_requests.add("flights", [request("a", deadline=5.0)])
    assert [one.deadline for one in store.label_requests.find("flights")] == [100.0, 100.0]
    assert store.label_requests.get("flights", "a") == request("a")
    assert store.label_requests.get("flights", "z") is None
    store.label_requests.add("flights", [])


def test_a_label_answers_it_however_it_came(store: Store) -> None:
    store.label_requests.add("flights", [request("a"), request("b"), request("c", deadline=5.0), request("d")])
    store.labels.put("flights", [label("a")])
    assert store.label_requests.skip("flights", ["d", "a"], 2.0) == 2
    assert store.label_requests.settle("flights", 10.0) == 1
    assert store.label_requests.counts("flights") == {Asked.OPEN: 1, Asked.SKIPPED: 2, Asked.EXPIRED: 1}
    store.labels.put("flights", [label("b")])
    assert store.label_requests.settle("flights", 11.0) == 1
    assert [one.prediction_id for one in store.label_requests.find("flights", Asked.ANSWERED)] == ["b"]
    (window,) = store.label_requests.windows("flights", "1", START)
    assert window == (START, 4, 1, 0)


def test_a_label_that_is_taken_back_opens_its_request_again_until_its_deadline(store: Store) -> None:
    store.label_requests.add("flights", [request("a"), request("b", deadline=15.0), request("c"), request("d")])
    store.labels.put("flights", [label("a"), label("b"), label("c")])
    store.label_requests.skip("flights", ["d"], 2.0)
    store.label_requests.settle("flights", 10.0)
    with store.begin():
        store.labels.remove("flights", [("a", "label"), ("b", "label")])
        assert store.label_requests.reopen("flights", ["a", "b", "d", "z"], 20.0) == 1
    assert store.label_requests.reopen("flights", [], 20.0) == 0
    states = {one.prediction_id: one.state for one in store.label_requests.find("flights")}
    assert states == {"a": Asked.OPEN, "b": Asked.EXPIRED, "c": Asked.ANSWERED, "d": Asked.SKIPPED}
    assert store.label_requests.settle("flights", 21.0) == 0


def test_what_a_rater_cannot_label_waits_for_people_with_the_reason(store: Store) -> None:
    store.label_requests.add("flights", [request("a"), request("b"), request("c", deadline=5.0), request("d")])
    store.label_requests.skip("flights", ["d"], 2.0)
    why = dict.fromkeys(["a", "b", "c", "d", "z"], "it is blurred")
    assert store.label_requests.leave("flights", why, 3.0) == 3
    assert store.label_requests.models(Asked.OPEN) == []
    assert store.label_requests.models(Asked.LEFT) == ["flights"]
    left = store.label_requests.find("flights", *WAITING)
    assert [(one.prediction_id, one.why, one.changed_at) for one in left] == [
        ("c", "it is blurred", 3.0), ("a", "it is blurred", 3.0), ("b", "it is blurred", 3.0)
    ]  # fmt: skip
    store.labels.put("flights", [label("a")])
    assert store.label_requests.settle("flights", 10.0) == 2
    assert store.label_requests.skip("flights", ["b"], 11.0) == 1
    counts = store.label_requests.counts("flights")
    assert counts == {Asked.ANSWERED: 1, Asked.SKIPPED: 2, Asked.EXPIRED: 1}


def test_a_transaction_that_fails_reopens_nothing(store: Store) -> None:
    store.label_requests.add("flights", [request("a")])
    store.labels.put("flights", [label("a")])
    store.label_requests.settle("flights", 10.0)

    def withdraw() -> None:
        with store.begin():
            store.label_requests.reopen("flights", ["a"], 20.0)
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        withdraw()
    assert store.label_requests.counts("flights") == {Asked.ANSWERED: 1}


def test_old_windows_are_forgotten(store: Store) -> None:
    store.label_requests.add("flights", [request("a"), request("b", start=START + DAY)])
    assert store.label_requests.expire("flights", START + DAY + 1) == 1
    assert [one.prediction_id for one in store.label_requests.find("flights")] == ["b"]


def test_a_sample_is_of_the_answered_live_rows_of_its_window(store: Store) -> None:
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=lambda: START + 3.0 * DAY)
    for day in range(2):
        journal.append([entry(batch(START + day * DAY + np.arange(50) * 60, seed=day, failed=(3, 4)))])
    journal.append([entry(batch(START + np.arange(50) * 60, seed=9, version="2"))])
    while worker.step().entries:
        pass
    worker.close()
    names = [f"p-000001-{row:06d}" for row in range(50) if row not in (3, 4)]
    assert store.label_requests.sample("flights", "1", (START + DAY, START + 2 * DAY), 10) == (lowest(names, 10), 48)
