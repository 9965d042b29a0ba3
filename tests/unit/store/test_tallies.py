"""Buckets add up exactly, in any order, across restarts and roll-ups."""

from __future__ import annotations

import random
from contextlib import suppress

import numpy as np

from watchkeeper.store.buckets import TOTAL, Bucket, Source
from watchkeeper.store.store import Store
from watchkeeper.store.tallies import Tallies
from watchkeeper.tallies.tally import Tally

LIVE = Source("m", "1", "live")
CANARY = Source("m", "1", "canary")


def tally(seed: int) -> Tally:
    rng = np.random.default_rng(seed)
    low = rng.normal(0, 1, 2)
    return Tally(rng.integers(0, 5, 30) * rng.integers(0, 2, 30), low, low + 1)


def bucket(start: int, seed: int, width: int = 60) -> Bucket:
    return Bucket(start, width, tally(seed), seed)


def added(*seeds: int) -> Tally:
    total = Tally.zero(30, 2)
    for seed in seeds:
        total = total + tally(seed)
    return total


def test_buckets_add_up_over_calls_and_restarts(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1), bucket(60, 2)])
    store.tallies.add(LIVE, [bucket(60, 3)])
    Tallies(store._database).add(LIVE, [bucket(0, 4)])
    found = list(Tallies(store._database).buckets("m", "1", 0, 120))
    assert [(b.start, b.tally, b.rows, b.revision) for b in found] == [(0, added(1, 4), 5, 2), (60, added(2, 3), 5, 2)]


def test_a_window_is_half_open_and_of_one_route_or_all(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1), bucket(60, 2), bucket(120, 3)])
    store.tallies.add(CANARY, [bucket(60, 4)])
    assert store.tallies.window_sum("m", "1", 60, 120, route="live") == (tally(2), 2)
    assert store.tallies.window_sum("m", "1", 0, 120) == (added(1, 2, 4), 7)
    assert store.tallies.window_sum("m", "1", 180, 999) is None
    assert store.tallies.window_sum("m", "2", 0, 999) is None


def test_the_running_total_counts_everything_and_no_window_sees_it(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1), bucket(60, 2)])
    store.tallies.add(LIVE, [bucket(0, 3)])
    store.tallies.add(CANARY, [bucket(0, 4)])
    assert store.tallies.totals("m") == [(CANARY, tally(4), 4), (LIVE, added(1, 2, 3), 6)]
    assert store.tallies.totals("other") == []
    assert all(b.width != TOTAL for b in store.tallies.buckets("m", "1", 0, 999))


def test_a_rolled_back_change_is_forgotten(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1)])
    with suppress(RuntimeError), store.begin():
        store.tallies.add(LIVE, [bucket(0, 2)])
        assert store.tallies.window_sum("m", "1", 0, 60) == (added(1, 2), 3)
        raise RuntimeError
    store.tallies.add(LIVE, [bucket(0, 3)])
    assert store.tallies.window_sum("m", "1", 0, 60) == (added(1, 3), 4)


def test_a_small_memory_gives_the_same_sums(store: Store) -> None:
    small = Tallies(store._database, cache_bytes=1)
    order = [(start * 60, seed) for seed, start in enumerate([0, 1, 2, 0, 1, 0, 3, 2, 1])]
    with store.begin():
        for start, seed in order:
            small.add(LIVE, [bucket(start, seed)])
    for start, seed in order:
        small.add(LIVE, [bucket(start, seed)])
    assert small.window_sum("m", "1", 0, 999) == (added(*range(9), *range(9)), 72)
    assert store.tallies.totals()[0][1:] == (added(*range(9), *range(9)), 72)


def test_a_series_sums_steps(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(60 * k, k) for k in (0, 1, 2, 5)])
    series = store.tallies.series("m", "1", 0, 600, 120)
    assert series is not None
    assert series.starts.tolist() == [0, 120, 240]
    assert series.rows.tolist() == [1, 2, 5]
    assert np.array_equal(series.counts[0], added(0, 1).counts)
    assert np.array_equal(series.low[0], added(0, 1).low)
    assert series.counts.shape == (3, 30)
    assert store.tallies.series("m", "1", 6000, 9000, 120) is None


def test_a_roll_up_changes_no_sum(store: Store) -> None:
    rng = random.Random(3)
    seeds = list(range(200))
    rng.shuffle(seeds)
    for seed in seeds:
        store.tallies.add(LIVE if seed % 3 else CANARY, [bucket(seed * 60, seed)])
    whole = store.tallies.window_sum("m", "1", 0, 1 << 40)
    totals = store.tallies.totals()
    assert store.tallies.roll_up("m", 2 * 3600 + 1800, limit=50) == 50
    assert store.tallies.window_sum("m", "1", 0, 1 << 40) == whole
    assert store.tallies.roll_up("m", 2 * 3600 + 1800) == 70
    assert store.tallies.roll_up("m", 2 * 3600 + 1800) == 0
    assert store.tallies.window_sum("m", "1", 0, 1 << 40) == whole
    assert store.tallies.totals() == totals
    widths = {b.start: b.width for b in store.tallies.buckets("m", "1", 0, 1 << 40)}
    assert {start for start, width in widths.items() if width == 3600} == {0, 3600}
    assert min(start for start, width in widths.items() if width == 60) == 7200


def test_a_late_row_after_a_roll_up_still_counts(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1), bucket(60, 2)])
    store.tallies.roll_up("m", 3600)
    store.tallies.add(LIVE, [bucket(60, 3)])
    assert store.tallies.window_sum("m", "1", 0, 3600) == (added(1, 2, 3), 6)
    store.tallies.roll_up("m", 3600)
    (hour,) = store.tallies.buckets("m", "1", 0, 3600)
    assert (hour.width, hour.tally, hour.rows) == (3600, added(1, 2, 3), 6)


def test_expired_buckets_go_and_the_running_total_stays(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(0, 1), bucket(60, 2)])
    assert store.tallies.expire("m", 60) == 1
    store.tallies.add(LIVE, [bucket(0, 3)])
    assert store.tallies.window_sum("m", "1", 0, 999) == (added(2, 3), 5)
    assert store.tallies.totals()[0][1:] == (added(1, 2, 3), 6)


def test_spans_say_where_buckets_lie(store: Store) -> None:
    store.tallies.add(LIVE, [bucket(60, 1), bucket(600, 2)])
    (span,) = store.tallies.spans("m")
    assert (span.version, span.route, span.start, span.end, span.rows) == ("1", "live", 60, 660, 3)


def test_nothing_to_add_is_fine(store: Store) -> None:
    store.tallies.add(LIVE, [])
    assert store.tallies.totals() == []
