"""A window is reduced once, and again only after a label has come."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.scored import label
from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.store.buckets import Source
from watchkeeper.store.kept_windows import KeptWindows
from watchkeeper.store.scored_windows import ScoredWindow

LIVE = Source("flights", "1", "live")


def test_only_what_changed_is_reduced_again(tmp_path: Path) -> None:
    store, reduced = watched_store(tmp_path), list[int]()

    def reduce(_: Layout, __: DelayLayout, window: ScoredWindow) -> int:
        reduced.append(window.revision)
        return window.revision

    kept, span = KeptWindows(store, reduce, 10), (START, START + 3 * DAY)
    for day in range(3):
        label(store, day)
    assert kept.read(LIVE, span, DAY) == {START + day * DAY: 1 for day in range(3)}
    label(store, 1, seed=1)
    assert kept.read(LIVE, span, DAY)[START + DAY] == 2
    assert reduced == [1, 1, 1, 2]
    kept.forget({})
    assert len(kept.read(LIVE, span, DAY)) == 3
    assert len(reduced) == 7
    store.close()
