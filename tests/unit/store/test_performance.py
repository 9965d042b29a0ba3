"""Scored buckets: they add, and what they were before corrections can be had back."""

from __future__ import annotations

import numpy as np

from watchkeeper.store.buckets import Source
from watchkeeper.store.performance import Place, Scored
from watchkeeper.store.store import Store

LIVE = Source("m", "1", "live")


def cells(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def one(store: Store) -> Scored:
    (found,) = store.performance.buckets("m", "1", 0, 1 << 40)
    return found


def listed(counts: np.ndarray | None) -> list[int]:
    assert counts is not None
    return counts.tolist()


def test_changes_add_to_what_is_kept(store: Store) -> None:
    store.performance.add(LIVE, [Scored(0, 3600, cells(1, 0, 2), 3)])
    store.performance.add(LIVE, [Scored(0, 3600, cells(0, 5, 1), 6, reward_rows=2, reward_micros=-7)])
    found = one(store)
    assert listed(found.counts) == [1, 5, 3]
    assert (found.rows, found.reward_rows, found.reward_micros, found.revision) == (9, 2, -7, 2)
    assert found.before is found.counts


def test_a_correction_can_be_looked_behind(store: Store) -> None:
    store.performance.add(LIVE, [Scored(0, 3600, cells(3, 0), 3)])
    store.performance.add(LIVE, [Scored(0, 3600, cells(-1, 1), 0, cells(-1, 1), 1)])
    store.performance.add(LIVE, [Scored(0, 3600, cells(-1, 1), 0, cells(-1, 1), 1)])
    found = one(store)
    assert (listed(found.counts), listed(found.before)) == ([1, 2], [3, 0])
    assert (found.rows, found.corrected) == (3, 2)


def test_rewards_alone_have_no_counts(store: Store) -> None:
    store.performance.add(LIVE, [Scored(0, 3600, reward_rows=1, reward_micros=5)])
    assert one(store).counts is None
    store.performance.add(LIVE, [Scored(0, 3600, cells(1), 1)])
    assert one(store).rows == 1


def test_what_was_said_stands_beside_feedback_and_neither_changes_the_other(store: Store) -> None:
    said = cells(*range(12)).reshape(3, 2, 2)
    store.performance.add_said({Place(LIVE, 0, 3600): said})
    (alone,) = store.performance.buckets("m", "1", 0, 7200, said=True)
    assert (alone.counts, alone.revision) == (None, 0)
    assert list(store.performance.buckets("m", "1", 0, 7200)) == []
    assert (store.performance.totals(), store.performance.routes("m")) == ([], [])
    store.performance.add(LIVE, [Scored(0, 3600, cells(1, 2), 3)])
    store.performance.add_said({Place(LIVE, start, 3600): said for start in (0, 3600)})
    store.performance.add_said({Place(LIVE._replace(route="canary"), 7200, 3600): said})
    first, _ = store.performance.buckets("m", "1", 0, 7200, said=True)
    (step,) = store.performance.series("m", "1", 0, 7200, 7200, said=True)
    assert [one.said is not None and one.said.tolist() for one in (first, step)] == [
        (2 * said).tolist(),
        (3 * said).tolist(),
    ]
    assert (listed(first.counts), first.rows, first.revision) == ([1, 2], 3, 1)
    assert [total.said for _, total in store.performance.totals()] == [None]
    assert one(store).said is None


def test_rewards_add_exactly_however_large(store: Store) -> None:
    large = 10**21
    for _ in range(2):
        store.performance.add(
            LIVE, [Scored(0, 3600, reward_rows=1, reward_micros=large, reward_squares=large**2, reward_zeros=1)]
        )
    found = one(store)
    assert (found.reward_micros, found.reward_squares, found.reward_zeros) == (2 * large, 2 * large**2, 2)


def test_series_are_sums_of_steps_by_route_or_of_all(store: Store) -> None:
    for route, start in (("live", 0), ("live", 3600), ("canary", 3600), ("live", 7200)):
        store.performance.add(Source("m", "1", route), [Scored(start, 3600, cells(1), 1)])
    assert [(s.start, s.rows) for s in store.performance.series("m", "1", 0, 7200, 7200)] == [(0, 3)]
    assert [s.rows for s in store.performance.series("m", "1", 0, 1 << 20, 7200, route="live")] == [2, 1]
    assert store.performance.routes("m") == [("1", "canary", 3600, 3600), ("1", "live", 0, 7200)]
    assert [source.route for source, _ in store.performance.totals("m")] == ["canary", "live"]
    assert store.performance.totals("other") == []
    whole = store.performance.total(LIVE)
    assert whole is not None
    assert (whole.rows, whole.revision) == (3, 3)
    nobody = LIVE._replace(model="nobody")
    assert store.performance.total(nobody) is None
    assert store.performance.total_revisions([LIVE, nobody]) == {LIVE: 3}
    assert store.performance.expire("m", 3600) == 1


def test_a_layout_is_chosen_once(store: Store) -> None:
    assert store.performance.layout("m", "1") is None
    store.performance.set_layout("m", "1", '{"kind":"binary"}')
    assert store.performance.layout("m", "1") == '{"kind":"binary"}'
