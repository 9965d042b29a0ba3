"""What the worker knows of versions, and when it learns more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.watching import SCHEMA, reference, register, watched_store
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.registry import Registry


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    yield made
    made.close()


def test_rows_are_checked_and_counted_by_the_reference(store: Store) -> None:
    registry = Registry(store)
    registry.refresh()
    watched = registry.watched("flights", "1")
    assert watched is not None
    assert (watched.schema, watched.binning.digest) == (SCHEMA, reference().binning.digest)
    assert registry.watched("flights", "1") is watched


def test_what_is_not_registered_is_not_known(store: Store) -> None:
    registry = Registry(store)
    registry.refresh()
    assert registry.watched("flights", "2") is None
    assert registry.watched("nobody", "1") is None
    assert registry.settings("nobody") is None


def test_a_refresh_learns_of_changes(store: Store) -> None:
    registry = Registry(store)
    registry.refresh()
    registry.watched("flights", "1")
    register(store, version="2")
    hourly = ModelSettings(bucket_seconds=60, window_seconds=3600)
    store.versions.set_settings("flights", hourly)
    registry.refresh()
    watched = registry.watched("flights", "1")
    assert watched is not None
    assert watched.settings == registry.settings("flights") == hourly
    assert registry.watched("flights", "2") is not None


def test_only_a_few_whole_references_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.watch.registry._REFERENCES", 1)
    registry = Registry(store)
    registry.refresh()
    first = registry.reference("flights", "1")
    assert registry.reference("flights", "1") is first


def test_the_labelled_reference_is_kept_in_memory_until_something_changes(store: Store) -> None:
    registry = Registry(store)
    registry.refresh()
    assert registry.performance("flights", "1") is None
    assert registry.performance("nobody", "1") is None
    layout = layout_for("binary", ("0", "1"))
    counts = np.ones((1, layout.size), np.int64)
    made = ReferencePerformance.of(layout, np.zeros(1, np.int64), counts)
    store.versions.learn("flights", "1", store.blobs.write(made.to_bytes()))
    registry.refresh()
    found = registry.performance("flights", "1")
    assert found is not None
    assert np.array_equal(found.whole, counts[0])
    registry.refresh()
    assert registry.performance("flights", "1") is found
