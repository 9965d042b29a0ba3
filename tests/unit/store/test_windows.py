"""Windows: changed, judged, remembered; streams that never go back."""

from __future__ import annotations

import numpy as np

from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream, Window
from watchkeeper.tallies.tally import Tally


def tally(n: int) -> Tally:
    return Tally(np.full(3, n), np.zeros(0), np.zeros(0))


def test_a_touched_window_is_changed_until_it_is_judged(store: Store) -> None:
    store.windows.touch("m", "1", [(0, 10), (10, 20)])
    store.windows.touch("n", "1", [(0, 10)])
    first, *_ = store.windows.changed("m")
    assert first == Window("m", "1", 0, 10, 0)
    assert store.windows.judge(first, tally(1), 5) == 1
    assert [w.start for w in store.windows.changed("m")] == [10]
    store.windows.touch("m", "1", [(0, 10)])
    again = store.windows.changed()[0]
    assert again.judged == 1
    assert store.windows.judge(again, tally(2), 6) == 2


def test_an_expected_window_is_judged_only_if_it_is_new(store: Store) -> None:
    store.windows.touch("m", "1", [(0, 10)])
    store.windows.judge(Window("m", "1", 0, 10), tally(1), 1)
    store.windows.expect("m", "1", [(0, 10), (10, 20)])
    assert [w.start for w in store.windows.changed()] == [10]
    store.windows.expect("m", "1", [])


def test_recent_windows_come_by_time_with_what_was_flagged(store: Store) -> None:
    for k in range(6):
        store.windows.touch("m", "1", [(k * 10, k * 10 + 10)])
        rows = 0 if k == 2 else 7
        store.windows.judge(
            Window("m", "1", k * 10, k * 10 + 10), tally(k) if rows else None, rows, ["b", "a"] if k == 3 else []
        )
    store.windows.touch("m", "1", [(0, 40)])
    store.windows.judge(Window("m", "1", 0, 40), tally(9), 9)
    recent = store.windows.recent(Window("m", "1", 50, 60), 3)
    assert recent is not None
    assert recent.starts.tolist() == [10, 30, 40]
    assert recent.counts[:, 0].tolist() == [1, 3, 4]
    assert recent.flagged == [frozenset(), frozenset({"a", "b"}), frozenset()]
    assert store.windows.recent(Window("m", "1", 0, 10), 3) is None
    assert [store.windows.last(Window("m", "1", at, at + 10)) for at in (0, 30, 50)] == [None, 10, 40]
    assert store.windows.recent(Window("m", "2", 50, 60), 3) is None


def test_judged_windows_expire(store: Store) -> None:
    store.windows.touch("m", "1", [(0, 10), (10, 20)])
    store.windows.judge(Window("m", "1", 0, 10), tally(1), 1)
    assert store.windows.expire("m", 100) == 1
    assert len(store.windows.changed()) == 1


def test_a_stream_never_goes_back(store: Store) -> None:
    store.windows.advance(Stream(model="m", newest_event=10.0, newest_receive=100.0, lag=90.0))
    store.windows.advance(Stream(model="m", newest_event=5.0, newest_receive=110.0, lag=105.0))
    assert store.windows.streams()["m"] == Stream(model="m", newest_event=10.0, newest_receive=110.0, lag=90.0)
    store.windows.advance(Stream(model="m", newest_event=109.0, newest_receive=109.5, lag=0.5))
    assert store.windows.streams()["m"] == Stream(model="m", newest_event=109.0, newest_receive=110.0, lag=0.5)
