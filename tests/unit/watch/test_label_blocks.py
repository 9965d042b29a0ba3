"""Mature windows as a few numbers, read again only where labels came."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from tests.helpers.scored import HOUR, label, predict, reach
from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.performance.bias import biases
from watchkeeper.performance.losses import losses
from watchkeeper.store import kept_windows
from watchkeeper.store.buckets import Source
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.scored_windows import ScoredWindow, scored_windows
from watchkeeper.store.store import Store
from watchkeeper.watch.label_blocks import LabelReader, block_losses

LIVE = Source("flights", "1", "live")
SPAN = (START, START + 10 * DAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    for day in range(6):
        predict(made, day)
        label(made, day, rows=100)
    yield made
    made.close()


def test_blocks_are_the_mature_windows_of_labelled_windows(store: Store) -> None:
    now = reach(store, 4)
    found = LabelReader(store).blocks(LIVE, SPAN, DAY, now)
    whole = labelled_windows(store.performance, ("flights", "1"), SPAN, DAY, route="live")
    learned = whole.learned(now)
    ready = [start for start in whole.starts if whole.maturity(learned, start, now).mature]
    assert found.starts.tolist() == ready == [START + day * DAY for day in range(5)]
    assert whole.layout is not None
    counts = np.stack([whole.at(start).counts for start in ready])  # type: ignore[misc]
    assert np.array_equal(found.losses, np.column_stack(losses(whole.layout, counts)))
    assert np.array_equal(found.biases, np.column_stack(biases(whole.layout, counts) or ()))  # type: ignore[arg-type]
    assert block_losses(found.losses).rows.tolist() == [100.0] * 5
    assert found.due == START + 6 * DAY, "the window of the sixth day closes then"


def test_parts_of_blocks(store: Store) -> None:
    found = LabelReader(store).blocks(LIVE, SPAN, DAY, reach(store, 4))
    assert found.since(START + DAY, START + 3 * DAY).starts.tolist() == [START + DAY, START + 2 * DAY]
    assert found.first(2).starts.tolist() == [START, START + DAY]
    assert found.after(4).starts.tolist() == found.last(1).starts.tolist() == [START + 4 * DAY]
    assert len(found.last(9)) == len(found) == 5


def test_only_windows_in_which_labels_came_are_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, now = LabelReader(store), reach(store, 5)
    read: list[int] = []

    def reading(connection: sa.Connection, source: Source, starts: list[int], width: int) -> dict[int, ScoredWindow]:
        read.extend(starts)
        return scored_windows(connection, source, starts, width)

    monkeypatch.setattr(kept_windows, "scored_windows", reading)
    first = reader.blocks(LIVE, SPAN, DAY, now)
    assert len(read) == 6
    label(store, 2, 0.9, rows=300, seed=5)
    again = reader.blocks(LIVE, SPAN, DAY, now)
    assert read[6:] == [START + 2 * DAY]
    assert again.losses[2, 0] > 2 * first.losses[2, 0]
    assert np.array_equal(np.delete(again.losses, 2, 0), np.delete(first.losses, 2, 0))
    reader.forget({})
    reader.blocks(LIVE, SPAN, DAY, now)
    assert len(read) == 13


def test_what_expired_is_gone(store: Store) -> None:
    reader, now = LabelReader(store), reach(store, 5)
    reader.blocks(LIVE, SPAN, DAY, now)
    store.performance.expire("flights", START + 3 * DAY)
    assert reader.blocks(LIVE, SPAN, DAY, now).starts.tolist() == [START + day * DAY for day in (3, 4, 5)]


def test_a_source_without_labels_has_no_blocks(store: Store) -> None:
    found = LabelReader(store).blocks(LIVE._replace(version="2"), SPAN, DAY, reach(store, 5))
    assert (len(found), found.losses.shape, found.due) == (0, (0, 3), math.inf)


def test_a_window_that_is_not_mature_is_waited_for(store: Store) -> None:
    for day in range(6):
        label(store, day, delay=30.0 * HOUR, rows=300, seed=3)
    now = reach(store, 5)
    found = LabelReader(store).blocks(LIVE, SPAN, DAY, now)
    assert found.starts.tolist() == [START + day * DAY for day in range(4)]
    assert now < found.due <= START + 8 * DAY
