"""Windows read for what changed in them: the same sums as `labelled_windows` gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.scored import label, predict
from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.store.buckets import Source
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.performance import Scored
from watchkeeper.store.scored_windows import Total, first_scored, revisions, scored_windows, totals
from watchkeeper.store.store import Store

LIVE = Source("flights", "1", "live")
SPAN = (START, START + 10 * DAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    for day in (1, 2, 4):
        label(made, day, rows=50)
        label(made, day, rows=30, route="shadow")
    predict(made, 3)
    yield made
    made.close()


def test_windows_are_what_labelled_windows_says(store: Store) -> None:
    wanted = labelled_windows(store.performance, ("flights", "1"), SPAN, DAY, route="live")
    with store.read() as connection:
        found = scored_windows(connection, LIVE, [START + day * DAY for day in (1, 4, 7)], DAY)
        assert scored_windows(connection, LIVE, [], DAY) == {}
    assert list(found) == [START + DAY, START + 4 * DAY]
    for start, window in found.items():
        assert window.counts is not None
        assert window.delays is not None
        assert np.array_equal(window.counts, wanted.scored[start].counts)  # type: ignore[arg-type]
        assert np.array_equal(window.delays, wanted.scored[start].delays)  # type: ignore[arg-type]


def test_a_revision_grows_where_a_label_came_and_nowhere_else(store: Store) -> None:
    with store.read() as connection:
        before = revisions(connection, LIVE, SPAN, DAY)
    label(store, 2, rows=5)
    store.performance.add(LIVE, [Scored(START + 2 * DAY + 7200, 3600, reward_rows=1, reward_micros=5)])
    with store.read() as connection:
        after = revisions(connection, LIVE, SPAN, DAY)
    assert set(before) == {START + day * DAY for day in (1, 2, 4)}
    assert {start for start in after if after[start] != before[start]} == {START + 2 * DAY}
    assert after[START + 2 * DAY] == before[START + 2 * DAY] + 2


def test_totals_and_beginnings_are_of_one_route(store: Store) -> None:
    with store.read() as connection:
        assert totals(connection, "live") == {LIVE: Total(150, 0)}
        assert totals(connection, "human") == {}
        assert first_scored(connection, LIVE) == START + DAY
        assert first_scored(connection, LIVE._replace(version="2")) is None
