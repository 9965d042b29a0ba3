"""What became of feedback, counted."""

from __future__ import annotations

import pytest

from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.outcomes import OTHERS, SOURCES, delay_bin, delay_end
from watchkeeper.store.store import Store


def test_counts_add_up_by_hour_and_in_total(store: Store) -> None:
    for hour, number in ((0, 2), (3600, 3)):
        store.outcomes.add({("m", hour, "label", Outcome.JOINED, "s"): number})
    store.outcomes.add({("other", 0, "label", Outcome.EXPIRED, ""): 1})
    assert [(t.outcome, t.number) for t in store.outcomes.totals("m")] == [(Outcome.JOINED, 5)]
    assert len(store.outcomes.totals()) == 2
    assert [(t.hour, t.number) for t in store.outcomes.between("m", 1800, 3600)] == [(0, 2)]
    assert [(t.hour, t.number) for t in store.outcomes.between("m", 0, 7200)] == [(0, 2), (3600, 3)]
    assert store.outcomes.expire("m", 3600) == 1
    assert store.outcomes.totals("m")[0].number == 5


def test_sources_that_a_caller_makes_up_are_bounded(store: Store) -> None:
    for first in range(0, 200, 40):
        store.outcomes.add({("m", 0, "label", Outcome.JOINED, f"s{k}"): 1 for k in range(first, first + 40)})
    found = {line.source: line.number for line in store.outcomes.between("m", 0, 1)}
    assert len(found) == SOURCES + 1
    assert found[OTHERS] == 200 - SOURCES


def test_delays_by_version_and_together(store: Store) -> None:
    store.outcomes.add_delays({("m", "1", 3): 2, ("m", "2", 3): 1, ("m", "2", 8): 4})
    store.outcomes.add_delays({("m", "1", 3): 1})
    assert store.outcomes.delays("m").counts.tolist() == [4, 4]
    assert store.outcomes.delays("m", "1").counts.tolist() == [3]
    assert store.outcomes.delays("nobody").counts.tolist() == []


@pytest.mark.parametrize("seconds", [-5.0, 0.0, 0.9, 59.0, 3600.0, 1e7])
def test_a_delay_lies_below_the_end_of_its_bin(seconds: float) -> None:
    place = delay_bin(seconds)
    assert max(0.0, seconds) < delay_end(place)
    assert place == 0 or delay_end(place - 1) <= seconds * (1 + 1e-9)
