from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.windows import by_count, sliding, tumbling
from watchkeeper.tallies.tally import IntArray

HOUR = 3600
DAY = 24 * HOUR


def buckets(hours: int, first: int = 0) -> tuple[IntArray, IntArray]:
    """One bucket an hour, of 1, 2, 3 ... rows."""
    return first + np.arange(hours) * HOUR, np.arange(1, hours + 1)[:, None]


def test_tumbling_windows_are_aligned_and_lose_nothing() -> None:
    starts, counts = buckets(50, 20 * HOUR)
    cut = tumbling(starts, counts, DAY)
    assert cut.starts.tolist() == [0, DAY, 2 * DAY]
    assert cut.ends.tolist() == [DAY, 2 * DAY, 3 * DAY]
    assert cut.counts[:, 0].tolist() == [10, sum(range(5, 29)), sum(range(29, 51))]


def test_a_sliding_window_is_the_sum_of_the_buckets_in_it() -> None:
    starts, counts = buckets(30)
    cut = sliding(starts, counts, DAY, HOUR)
    assert cut.starts[0] == 0
    assert len(cut.starts) == 7
    for begin, end, sums in zip(cut.starts, cut.ends, cut.counts, strict=True):
        inside = (starts >= begin) & (starts < end)
        assert sums.tolist() == counts[inside].sum(0).tolist()


def test_sliding_by_the_width_is_tumbling() -> None:
    starts, counts = buckets(72)
    one, other = sliding(starts, counts, DAY, DAY), tumbling(starts, counts, DAY)
    assert one.starts.tolist() == other.starts.tolist()
    assert one.counts.tolist() == other.counts.tolist()


def test_windows_without_a_bucket_are_left_out() -> None:
    starts, counts = np.array([0, 10 * DAY]), np.ones((2, 1), np.int64)
    assert tumbling(starts, counts, DAY).starts.tolist() == [0, 10 * DAY]
    assert sliding(starts, counts, DAY, DAY).starts.tolist() == [0, 10 * DAY]


def test_windows_by_count_end_where_the_next_begin() -> None:
    starts, counts = buckets(6)
    cut = by_count(starts, counts, counts[:, 0], 5)
    assert cut.counts[:, 0].tolist() == [6, 9, 6]
    assert cut.starts.tolist() == [0, 3 * HOUR, 5 * HOUR]
    assert cut.ends.tolist() == [3 * HOUR, 5 * HOUR, 5 * HOUR + 1]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.integers(1, 50))
def test_windows_by_count_hold_enough_and_only_the_end_is_left_out(rows: list[int], n: int) -> None:
    counts = np.array(rows)[:, None]
    cut = by_count(np.arange(len(rows)) * HOUR, counts, counts[:, 0], n)
    assert (cut.counts[:, 0] >= n).all()
    assert 0 <= sum(rows) - cut.counts.sum() < n


def test_nothing_gives_no_windows() -> None:
    none, counts = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    for cut in (tumbling(none, counts, DAY), sliding(none, counts, DAY, HOUR), by_count(none, counts, none, 10)):
        assert cut.counts.shape == (0, 3)


def test_impossible_windows_are_refused() -> None:
    starts, counts = buckets(3)
    with pytest.raises(BadInput, match="at least 1 second"):
        tumbling(starts, counts, 0)
    with pytest.raises(BadInput, match="order of time"):
        tumbling(starts[::-1], counts, DAY)
