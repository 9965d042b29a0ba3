"""Feedback that waited for nothing is counted and put aside, once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.feedback import item
from tests.helpers.watching import START, watched_store
from watchkeeper.events.arrow import decode_batch
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.parked import Parked
from watchkeeper.store.store import Store
from watchkeeper.watch.parking import give_up_overdue


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    names = ["a", "b", "c", "d"]
    made.parked.add("flights", [Parked(n, START + 10.0 * k, item(n, 1.0, source="s")) for k, n in enumerate(names)])
    yield made
    made.close()


def test_what_is_overdue_becomes_one_dead_letter_and_a_count(store: Store) -> None:
    assert give_up_overdue(store, START + 25.0, math.inf) == 3
    (letter,) = store.dead_letters.find()
    assert (letter.reason, letter.rows, letter.kind) == ("unmatched", 3, "feedback")
    assert "a, b, c." in letter.detail
    kept = store.dead_letters.get(letter.id)
    assert kept is not None
    assert kept.payload is not None
    assert decode_batch(kept.payload).column("prediction_id").to_pylist() == ["a", "b", "c"]
    assert [(line.outcome, line.number) for line in store.outcomes.totals()] == [(Outcome.UNMATCHED, 3)]
    assert store.parked.count("flights") == 1
    assert give_up_overdue(store, START + 25.0, math.inf) == 0


def test_nothing_is_given_up_whose_prediction_may_lie_in_the_journal(store: Store) -> None:
    assert give_up_overdue(store, START + 1e6, START + 5.0) == 1
