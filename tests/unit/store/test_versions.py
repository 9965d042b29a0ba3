"""The registry: immutable versions, one live."""

from __future__ import annotations

import msgspec
import pytest

from watchkeeper.events.errors import BadInput, Conflict, NotFound
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings, Version

FIRST = Version(
    model="flights",
    version="1",
    task="binary",
    artifact_digest="a" * 64,
    runtime="onnx",
    schema=Schema(features=(Feature(name="x", type=FeatureType.NUMERIC),)),
    reference_digest="b" * 64,
    options={"trusted": False},
    created_at=1.0,
)


def changed(**fields: object) -> Version:
    return msgspec.structs.replace(FIRST, **fields)


def test_a_version_comes_back_as_it_was(store: Store) -> None:
    assert store.versions.register(FIRST) == FIRST
    assert store.versions.version("flights", "1") == FIRST
    assert [model.name for model in store.versions.models()] == ["flights"]


def test_registering_the_same_again_changes_nothing(store: Store) -> None:
    store.versions.register(FIRST)
    revision = store.versions.revision()
    assert store.versions.register(changed(created_at=9.0)) == FIRST
    assert store.versions.revision() == revision


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"artifact_digest": "c" * 64}, "artifact"),
        ({"reference_digest": "c" * 64}, "reference"),
        ({"runtime": "sklearn"}, "runtime"),
        ({"schema": Schema(features=())}, "schema"),
        ({"options": {}}, "options"),
    ],
)
def test_other_content_under_a_name_is_a_conflict(store: Store, fields: dict[str, object], named: str) -> None:
    store.versions.register(FIRST)
    with pytest.raises(Conflict, match=named):
        store.versions.register(changed(**fields))
    assert store.versions.version("flights", "1") == FIRST


def test_a_model_keeps_its_task(store: Store) -> None:
    store.versions.register(FIRST)
    with pytest.raises(Conflict, match="is binary"):
        store.versions.register(changed(version="2", task="regression"))
    assert len(store.versions.versions("flights")) == 1


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "a" * 65])
def test_names_are_checked(store: Store, name: str) -> None:
    with pytest.raises(BadInput):
        store.versions.register(changed(model=name))
    with pytest.raises(BadInput):
        store.versions.register(changed(version=name))


def test_the_latest_version_is_live_until_one_is_set(store: Store) -> None:
    store.versions.register(FIRST)
    store.versions.register(changed(version="2", created_at=2.0))
    assert store.versions.live_version("flights").version == "2"
    store.versions.set_live("flights", "1", 3.0)
    store.versions.register(changed(version="3", created_at=4.0))
    assert store.versions.live_version("flights").version == "1"
    store.versions.set_live("flights", "3", 5.0)
    assert store.versions.live_version("flights").version == "3"


def test_the_revision_grows_at_every_change(store: Store) -> None:
    seen = [store.versions.revision()]
    store.versions.register(FIRST)
    seen.append(store.versions.revision())
    store.versions.set_live("flights", "1", 1.0)
    seen.append(store.versions.revision())
    store.versions.set_settings("flights", ModelSettings(window_seconds=3600))
    seen.append(store.versions.revision())
    assert seen == sorted(set(seen))


def test_what_is_not_there_is_not_found_and_the_hint_names_what_is(store: Store) -> None:
    with pytest.raises(NotFound, match="None is registered yet"):
        store.versions.model("flights")
    store.versions.register(FIRST)
    with pytest.raises(NotFound, match="There are flights"):
        store.versions.live_version("fights")
    with pytest.raises(NotFound, match="There are 1"):
        store.versions.version("flights", "2")
    with pytest.raises(NotFound):
        store.versions.set_live("flights", "2", 1.0)


def test_settings_are_kept_with_the_model(store: Store) -> None:
    settings = ModelSettings(bucket_seconds=3600, window_seconds=7200, importance={"x": 2.0})
    store.versions.register(FIRST, settings=settings)
    assert store.versions.model("flights").settings == settings
    store.versions.register(changed(version="2"))
    assert store.versions.model("flights").settings == settings
    store.versions.register(changed(version="3"), settings=ModelSettings())
    assert store.versions.model("flights").settings == ModelSettings()


@pytest.mark.parametrize(
    "fields",
    [
        {"bucket_seconds": 0},
        {"bucket_seconds": 60, "window_seconds": 59},
        {"bucket_seconds": 60, "window_seconds": 90},
        {"lateness_seconds": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(fields: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        ModelSettings(**fields)  # type: ignore[arg-type]  # every field here is an int
