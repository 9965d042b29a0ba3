"""Feedback once each, the first of its ID."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.watching import START, labels, watched_store
from watchkeeper.store.store import Store
from watchkeeper.watch.feedback import fresh_feedback


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    yield made
    made.close()


def test_repeats_within_and_across_batches_are_dropped_and_counted(store: Store) -> None:
    store.feedback_ids.add("flights", ["f-c"], 1.0)
    fresh = fresh_feedback(store, "flights", [labels(["a", "b", "a"]), labels(["b", "c", "d"])])
    assert (fresh.ids, fresh.duplicates, fresh.skewed) == (["f-a", "f-b", "f-d"], 3, 0)
    assert fresh.table.num_rows == 3


def test_nothing_new_is_an_empty_table(store: Store) -> None:
    store.feedback_ids.add("flights", ["f-a"], 1.0)
    fresh = fresh_feedback(store, "flights", [labels(["a"])])
    assert (fresh.ids, fresh.duplicates, fresh.table.num_rows) == ([], 1, 0)


def test_rows_ascend_by_event_time(store: Store) -> None:
    fresh = fresh_feedback(store, "flights", [labels(["a"], at=START + 9.0), labels(["b"], at=START + 1.0)])
    assert fresh.ids == ["f-b", "f-a"]
