"""Dead letters keep their bytes."""

from __future__ import annotations

from watchkeeper.store.dead_letters import DeadLetter
from watchkeeper.store.store import Store


def letter(at: float, model: str = "m") -> DeadLetter:
    return DeadLetter(
        received_at=at, reason="r", detail="d", kind="inference", model=model, rows=3, position=7, payload=b"\0x"
    )


def test_letters_are_listed_newest_first_and_read_whole(store: Store) -> None:
    store.dead_letters.add([letter(1.0), letter(2.0, "n")])
    store.dead_letters.add([])
    found = store.dead_letters.find()
    assert [(item.received_at, item.payload) for item in found] == [(2.0, None), (1.0, None)]
    assert [item.model for item in store.dead_letters.find(model="m")] == ["m"]
    whole = store.dead_letters.get(found[0].id)
    assert whole is not None
    assert whole.payload == b"\0x"
    assert store.dead_letters.get(99) is None


def test_old_letters_expire(store: Store) -> None:
    store.dead_letters.add([letter(1.0), letter(5.0)])
    assert store.dead_letters.expire(3.0) == 1
    assert store.dead_letters.count() == 1
