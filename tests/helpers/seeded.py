"""Fixtures over one seeded store a test session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.asgi import Asker
from tests.helpers.seed import NOW, Seed, seeded_store
from watchkeeper.api.context import Context
from watchkeeper.console.app import console_app
from watchkeeper.store.store import Store, open_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A model with faults planted, judged and alerted. Tests only read it, or acknowledge."""
    made = seeded_store(tmp_path_factory.mktemp("seeded"), Seed())
    yield made
    made.close()


@pytest.fixture(scope="session")
def context(store: Store) -> Context:
    return Context(store, now=lambda: NOW)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A new data directory."""
    made = open_store(tmp_path_factory.mktemp("empty"))
    yield Context(made, now=lambda: NOW)
    made.close()


@pytest.fixture(scope="session")
def asker(store: Store) -> Asker:
    """The whole console application."""
    return Asker(console_app(store, now=lambda: NOW))
