"""Which versions were live before one was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.watching import START, register, watched_store
from watchkeeper.store.lineage import lived_before
from watchkeeper.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Versions 1 to 3, registered in that order; none was set live."""
    made = watched_store(tmp_path)
    for version in ("2", "3"):
        register(made, version=version)
    yield made
    made.close()


def before(store: Store, version: str) -> list[str]:
    with store.read() as connection:
        return lived_before(connection, "flights", version)


def test_while_none_is_set_live_each_takes_the_place_of_the_one_registered_before(store: Store) -> None:
    assert [before(store, version) for version in "123"] == [[], ["1"], ["2", "1"]]


def test_the_one_before_is_the_one_that_was_live(store: Store) -> None:
    for at, version in enumerate(("1", "2", "1", "4")):
        if version == "4":
            register(store, version="4")
        store.versions.set_live("flights", version, START - 10.0 + at)
    assert before(store, "4") == ["1", "2"], "2 was rolled back"
    assert before(store, "1") == []


def test_one_that_never_was_live_comes_after_none(store: Store) -> None:
    store.versions.set_live("flights", "1", 1.0)  # before any of them is known to have been registered
    assert before(store, "2") == []
    assert before(store, "unknown") == []
