"""Messages wait until they are delivered or given up, and are put in once."""

from __future__ import annotations

from watchkeeper.store.outbox import Delivery
from watchkeeper.store.store import Store


def test_a_notice_is_put_in_once_for_each_target(store: Store) -> None:
    assert store.outbox.add("notice", "alert", "log", "{}", 1.0)
    assert store.outbox.add("notice", "alert", "webhook", "{}", 1.0)
    assert not store.outbox.add("notice", "alert", "log", "{}", 2.0)
    assert [message.target for message in store.outbox.due(1.0)] == ["log", "webhook"]
    assert [message.target for message in store.outbox.due(1.0, limit=1)] == ["log"]
    assert len(store.outbox.find(alert_id="alert")) == 2


def test_a_failed_try_comes_back_later(store: Store) -> None:
    store.outbox.add("notice", "alert", "log", "{}", 1.0)
    (message,) = store.outbox.due(1.0)
    store.outbox.failed(message.id, "500", 9.0)
    assert store.outbox.due(8.9) == []
    assert store.outbox.next_due() == 9.0
    (again,) = store.outbox.due(9.0)
    assert (again.tries, again.last_error) == (1, "500")
    store.outbox.delivered(message.id)
    assert store.outbox.due(99.0) == []
    assert store.outbox.counts() == {Delivery.DUE: 0, Delivery.DELIVERED: 1, Delivery.GIVEN_UP: 0}


def test_the_last_try_gives_up_and_stays_visible(store: Store) -> None:
    store.outbox.add("notice", "alert", "log", "{}", 1.0)
    store.outbox.failed(store.outbox.due(1.0)[0].id, "gone", None)
    assert store.outbox.due(1e9) == []
    assert store.outbox.next_due() is None
    (message,) = store.outbox.find()
    assert (message.state, message.last_error) == (Delivery.GIVEN_UP, "gone")


def test_what_is_due_never_expires(store: Store) -> None:
    store.outbox.add("a", "alert", "log", "{}", 1.0)
    store.outbox.add("b", "alert", "log", "{}", 1.0)
    store.outbox.delivered(store.outbox.due(1.0)[0].id)
    assert store.outbox.expire(2.0) == 1
    assert [message.notice_id for message in store.outbox.find()] == ["b"]
