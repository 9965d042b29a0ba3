"""The catalogue follows the registry: loaded once, problems named, the others served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.helpers.own_model import SOURCE, registration
from watchkeeper.app.catalogue import CatalogueReader
from watchkeeper.app.register import register
from watchkeeper.config import Settings
from watchkeeper.gateway.catalogue import Catalogue
from watchkeeper.gateway.limits import Limits
from watchkeeper.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "data")
    yield store
    store.close()


def test_it_follows_the_registry(store: Store, tmp_path: Path) -> None:
    seen: list[Catalogue] = []
    read = CatalogueReader(store, Limits(), seen.append)
    read()
    read()
    assert [list(catalogue.models) for catalogue in seen] == [[]]
    register(store, Settings(), registration(tmp_path), now=1.0)
    read()
    assert seen[-1].models["late"].live == "v1"
    register(store, Settings(), registration(tmp_path, "v2"), now=2.0)
    read()
    late = seen[-1].models["late"]
    assert (late.live, sorted(late.versions)) == ("v1", ["v1", "v2"])
    assert late.versions["v1"] is seen[-2].models["late"].versions["v1"]
    store.versions.set_live("late", "v2", 3.0)
    read()
    assert seen[-1].models["late"].live == "v2"


def test_a_version_that_cannot_be_loaded_is_a_problem_and_no_more(store: Store, tmp_path: Path) -> None:
    version = register(store, Settings(), registration(tmp_path), now=1.0).version
    path = store.blobs.path(version.artifact_digest)
    path.chmod(0o600)
    path.write_bytes(b"changed")
    seen: list[Catalogue] = []
    CatalogueReader(store, Limits(), seen.append)()
    late = seen[0].models["late"]
    assert late.versions == {}
    assert "digest" in late.problems["v1"]


def test_an_artifact_that_breaks_its_runtime_stops_no_other(store: Store, tmp_path: Path) -> None:
    good = register(store, Settings(), registration(tmp_path), now=1.0).version
    digest = store.blobs.write((SOURCE + "\nraise MemoryError\n").encode())
    bad = msgspec.structs.replace(good, version="v2", artifact_digest=digest)
    store.versions.register(bad)
    seen: list[Catalogue] = []
    CatalogueReader(store, Limits(), seen.append)()
    late = seen[0].models["late"]
    assert list(late.versions) == ["v1"]
    assert "v2" in late.problems
