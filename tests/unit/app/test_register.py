"""Registering: what is learned, what is kept, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from tests.helpers.own_model import reference_table, registration
from watchkeeper.app.register import register
from watchkeeper.config import Settings
from watchkeeper.events.errors import BadInput, Conflict, NotFound
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store, open_store

SETTINGS = Settings(window=86_400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "data")
    yield store
    store.close()


def test_a_version_is_learned_and_kept(store: Store, tmp_path: Path) -> None:
    stages: list[str] = []
    found = register(store, SETTINGS, registration(tmp_path), now=5.0, progress=lambda stage, _: stages.append(stage))
    kept = store.versions.version("late", "v1")
    assert kept == found.version
    assert kept.schema.feature_names == ("age", "fare")
    assert [output.name for output in kept.schema.outputs] == ["label", "probability"]
    assert found.live == "v1"
    reference = Reference.from_bytes(store.blobs.read(kept.reference_digest))
    assert reference.rows == 600
    assert set(reference.binning.columns) >= {"input.age", "input.fare", "output.probability", "service.latency"}
    assert len(reference.blocks) > 20
    assert 86_400 % (reference.block_width or 0) == 0
    assert stages


def test_the_model_is_watched_as_the_settings_say(store: Store, tmp_path: Path) -> None:
    register(store, Settings(bucket=600, window=7200, lateness=60), registration(tmp_path), now=5.0)
    settings = store.versions.model("late").settings
    assert (settings.bucket_seconds, settings.window_seconds, settings.lateness_seconds) == (600, 7200, 60)


def test_a_later_version_waits_and_keeps_how_the_model_is_watched(store: Store, tmp_path: Path) -> None:
    register(store, Settings(window=7200), registration(tmp_path), now=5.0)
    found = register(store, SETTINGS, registration(tmp_path, "v2"), now=6.0)
    assert found.live == "v1"
    assert store.versions.model("late").settings.window_seconds == 7200
    again = msgspec.structs.replace(registration(tmp_path, "v3"), resettle=frozenset({"window"}))
    found = register(store, SETTINGS, again, now=7.0)
    assert store.versions.model("late").settings.window_seconds == 86_400
    assert found.rewatched == ("window 1 d, no longer 2 h",)


def test_what_is_not_asked_for_stays_as_it_was(store: Store, tmp_path: Path) -> None:
    register(store, Settings(bucket=600, window=7200, lateness=60), registration(tmp_path), now=5.0)
    asking = msgspec.structs.replace(store.versions.model("late").settings, ask_labels=20, label_cost=0.4)
    store.versions.set_settings("late", asking)
    again = msgspec.structs.replace(registration(tmp_path, "v2"), resettle=frozenset({"window"}))
    register(store, Settings(window=86_400), again, now=6.0)
    watched = msgspec.structs.replace(asking, window_seconds=86_400)
    assert store.versions.model("late").settings == watched
    again = msgspec.structs.replace(registration(tmp_path, "v3"), resettle=frozenset({"retention_records"}))
    found = register(store, Settings(retention_records=86_400), again, now=7.0)
    assert store.versions.model("late").settings == msgspec.structs.replace(watched, keep_records_seconds=86_400)
    assert found.rewatched == ("records are kept 1 d, no longer 30 d",)


def test_the_same_again_changes_nothing_and_other_content_is_refused(store: Store, tmp_path: Path) -> None:
    first = register(store, SETTINGS, registration(tmp_path), now=5.0)
    assert register(store, SETTINGS, registration(tmp_path), now=9.0).version.artifact_digest == (
        first.version.artifact_digest
    )
    with pytest.raises(Conflict, match="never changes"):
        register(store, SETTINGS, registration(tmp_path, table=reference_table(500)), now=9.0)


def test_privacy_is_applied_before_the_reference_is_compiled(store: Store, tmp_path: Path) -> None:
    names = pa.array([f"passenger {number % 7}" for number in range(600)])
    table = reference_table().append_column("name", names).append_column("card", names)
    wanted = msgspec.structs.replace(
        registration(tmp_path, table=table), privacy={"name": Privacy.HASH, "card": Privacy.DROP}
    )
    wanted = msgspec.structs.replace(wanted, schema=None)
    (tmp_path / "late.py").write_text(_MIXED)
    found = register(store, SETTINGS, wanted, now=5.0)
    assert found.version.schema.feature("name").privacy is Privacy.HASH
    kept = store.blobs.read(found.version.reference_digest)
    assert b"passenger" not in kept
    assert "input.card" not in found.reference.binning.columns
    assert b"passenger" not in b"".join(path.read_bytes() for path in store.data_dir.glob("state.db*"))


_MIXED = """
import numpy as np

class Late:
    def predict(self, rows):
        return 1 / (1 + np.exp(-(np.asarray(rows["age"], float) - 30) / 10))
"""


def test_a_declared_schema_is_taken(store: Store, tmp_path: Path) -> None:
    learned = register(store, SETTINGS, registration(tmp_path), now=5.0).version.schema
    narrow = Schema(
        features=tuple(msgspec.structs.replace(feature, unit="years") for feature in learned.features), revision=2
    )
    wanted = msgspec.structs.replace(registration(tmp_path, "v2"), schema=narrow)
    found = register(store, SETTINGS, wanted, now=6.0)
    assert (found.version.schema.feature("age").unit, found.version.schema.revision) == ("years", 2)


def test_without_time_there_are_no_blocks(store: Store, tmp_path: Path) -> None:
    table = reference_table().drop_columns(["at"])
    wanted = msgspec.structs.replace(registration(tmp_path, table=table), time=None)
    assert register(store, SETTINGS, wanted, now=5.0).reference.block_width is None


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"model": "../x"}, BadInput, "Model name"),
        ({"version": "V 1"}, BadInput, "Version name"),
        ({"target": "nope"}, BadInput, "no target column 'nope'"),
        ({"time": "nope"}, BadInput, "no time column 'nope'"),
        ({"artifact": Path("nope.onnx")}, BadInput, "cannot be read"),
        ({"reference": Path("nope.parquet")}, BadInput, "no file"),
        ({"trust_pickle": False}, BadInput, "--trust-pickle"),
        ({"privacy": {"nope": Privacy.DROP}}, NotFound, "No feature 'nope'"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_kept(
    store: Store, tmp_path: Path, changes: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        register(store, SETTINGS, msgspec.structs.replace(registration(tmp_path), **changes), now=5.0)
    assert store.versions.models() == []


def test_columns_that_cannot_be_watched_are_named(store: Store, tmp_path: Path) -> None:
    table = reference_table().append_column("tags", pa.array([[1, 2]] * 600))
    assert "tags" in register(store, SETTINGS, registration(tmp_path, table=table), now=5.0).notes[-1]
