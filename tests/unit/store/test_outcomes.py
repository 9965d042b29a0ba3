"""What became of feedback, counted."""

from __future__ import annotations

from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.outcomes import OTHERS, SOURCES
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
