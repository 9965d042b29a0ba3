"""The label that each prediction has now."""

from __future__ import annotations

import msgspec

from watchkeeper.store.labels import Label
from watchkeeper.store.store import Store


def label(name: str, text: str = "1", kind: str = "label", predicted_at: int = 10, revision: int = 1) -> Label:
    return Label(
        prediction_id=name, kind=kind, text=text, event_time=20, arrived_at=30, source="arrivals", probability=0.5,
        version="1", route="live", predicted_at=predicted_at, revision=revision,
    )  # fmt: skip


def test_what_is_put_is_found_by_prediction_and_kind(store: Store) -> None:
    store.labels.put("m", [label("a"), label("b"), label("a", "approve", "decision")])
    store.labels.put("other", [label("c")])
    assert store.labels.get("m", ["a", "c"]) == {
        ("a", "label"): label("a"),
        ("a", "decision"): label("a", "approve", "decision"),
    }
    assert (store.labels.count("m"), store.labels.count("m", "label")) == (3, 2)


def test_a_new_revision_takes_the_place_of_the_old(store: Store) -> None:
    store.labels.put("m", [label("a")])
    newer = msgspec.structs.replace(label("a", "0", revision=2), probability=None)
    store.labels.put("m", [newer])
    assert store.labels.get("m", ["a"]) == {("a", "label"): newer}


def test_many_are_found_at_once(store: Store) -> None:
    names = [f"p{k:05d}" for k in range(1200)]
    store.labels.put("m", [label(name) for name in names])
    assert len(store.labels.get("m", names)) == 1200


def test_labels_expire_with_their_predictions(store: Store) -> None:
    store.labels.put("m", [label("a", predicted_at=10), label("b", predicted_at=20)])
    assert store.labels.expire("m", 20) == 1
    assert set(store.labels.get("m", ["a", "b"])) == {("b", "label")}


def test_what_is_removed_is_forgotten(store: Store) -> None:
    store.labels.put("m", [label("a"), label("a", "x", "decision"), label("b")])
    store.labels.remove("m", [("a", "label"), ("nobody", "label")])
    store.labels.remove("other", [("b", "label")])
    assert set(store.labels.get("m", ["a", "b"])) == {("a", "decision"), ("b", "label")}


def test_what_a_source_said_is_told_by_the_page(store: Store) -> None:
    other = [msgspec.structs.replace(label("z"), source=None), msgspec.structs.replace(label("y"), arrived_at=99)]
    store.labels.put("m", [*(label(name) for name in "dbac"), label("a", "x", "decision"), *other])
    assert store.labels.said_by("m", "arrivals", limit=3) == ["a", "b", "c"]
    assert store.labels.said_by("m", "arrivals", after="c") == ["d", "y"]
    assert store.labels.said_by("m", "arrivals", since=31) == ["y"]
    assert store.labels.said_by("m", "") == ["z"]
