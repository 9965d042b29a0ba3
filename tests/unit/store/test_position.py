"""The position of a consumer."""

from __future__ import annotations

from watchkeeper.store.store import Store


def test_a_position_is_kept_for_each_consumer(store: Store) -> None:
    assert store.positions.get("watch") == 0
    store.positions.set("watch", 1_700_000_000_000_005)
    store.positions.set("other", 3)
    assert store.positions.get("watch") == 1_700_000_000_000_005
