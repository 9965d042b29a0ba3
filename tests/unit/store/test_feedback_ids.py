"""Feedback IDs seen before."""

from __future__ import annotations

from watchkeeper.store.store import Store


def test_ids_are_known_by_model_until_they_expire(store: Store) -> None:
    ids = [f"id{k}" for k in range(1200)]
    store.feedback_ids.add("m", ids[:1100], 5.0)
    store.feedback_ids.add("m", ids[:3], 9.0)
    store.feedback_ids.add("m", [], 9.0)
    assert store.feedback_ids.known("m", ids) == set(ids[:1100])
    assert store.feedback_ids.known("n", ids) == set()
    assert store.feedback_ids.expire("m", 6.0) == 1100
    assert store.feedback_ids.known("m", ids) == set()
