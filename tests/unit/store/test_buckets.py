"""Buckets in memory."""

from __future__ import annotations

import numpy as np

from watchkeeper.store.buckets import Bucket, BucketCache, Source, merged, rolled, total_of
from watchkeeper.tallies.tally import Tally

SOURCE = Source("m", "1", "live")


def bucket(start: int, count: int, width: int = 60) -> Bucket:
    return Bucket(start, width, Tally(np.full(4, count), np.full(1, float(count)), np.full(1, float(count))), count)


def test_merging_adds_and_counts_revisions() -> None:
    both = merged(bucket(0, 1), bucket(0, 2))
    assert (both.rows, both.revision, both.tally.counts.tolist()) == (3, 2, [3, 3, 3, 3])
    assert merged(None, bucket(0, 2)) == bucket(0, 2)


def test_rolling_aligns_to_the_width() -> None:
    wide = rolled([bucket(0, 1), bucket(3540, 2), bucket(3600, 4)], 3600)
    assert {start: (b.width, b.rows) for start, b in wide.items()} == {0: (3600, 3), 3600: (3600, 4)}


def test_a_total_leaves_its_parts_alone() -> None:
    parts = [bucket(0, 1), bucket(60, 2)]
    assert total_of(parts).rows == 3
    assert [part.tally.counts[0] for part in parts] == [1, 2]


def test_the_cache_shows_staged_changes_and_forgets_them() -> None:
    cache = BucketCache(1 << 20)
    cache.stage(SOURCE, [bucket(0, 1)])
    cache.keep()
    cache.stage(SOURCE, [bucket(0, 5)])
    found = cache.get(SOURCE, (0, 60))
    assert found is not None
    assert found.rows == 5
    cache.forget()
    found = cache.get(SOURCE, (0, 60))
    assert found is not None
    assert found.rows == 1
    cache.clear()
    assert cache.get(SOURCE, (0, 60)) is None


def test_the_cache_is_bounded_and_never_shows_an_older_state() -> None:
    cache = BucketCache(64)
    cache.stage(SOURCE, [bucket(0, 1), bucket(60, 1)])
    cache.keep()
    cache.stage(SOURCE, [bucket(0, 2), bucket(60, 2), bucket(120, 2)])
    assert cache.get(SOURCE, (0, 60)) is None
    cache.keep()
    assert cache.get(SOURCE, (0, 60)) is None
    kept = [start for start in (0, 60, 120) if cache.get(SOURCE, (start, 60))]
    assert kept == [60, 120]
