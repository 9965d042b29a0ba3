"""The outbox is drained through failures, restarts and bad senders; nothing is lost, nothing is silent."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.unit.notify.receiver import receiver
from watchkeeper.notify.delivery import RetryPolicy, deliver_due
from watchkeeper.notify.sender import DeliveryError, Parcel, Sender
from watchkeeper.notify.webhook import Webhook
from watchkeeper.store.outbox import Delivery
from watchkeeper.store.store import Store, open_store

POLICY = RetryPolicy(first=2.0, cap=60.0, tries=4)


def rng() -> random.Random:
    return random.Random(7)


def fails(parcel: Parcel) -> None:
    raise DeliveryError("The receiver is away.")


def bursts(parcel: Parcel) -> None:
    raise RuntimeError("a bug")


def with_message(tmp_path: Path, target: str = "webhook") -> Store:
    store = open_store(tmp_path)
    store.outbox.add("a1-firing", "a1", target, '{"n": 1}', 0.0)
    return store


def test_a_receiver_that_fails_and_comes_back_across_a_restart(tmp_path: Path) -> None:
    with receiver(500, 503, 200) as server:
        sender = Webhook(server.url, secret="k", private=True, clock=lambda: 0.0)
        now, states = 0.0, []
        store = with_message(tmp_path)
        for _ in range(3):
            states.append(deliver_due(store.outbox, {"webhook": sender}.get, now, rng(), POLICY))
            store.close()
            store = open_store(tmp_path)
            now = store.outbox.next_due() or now
        store.close()
    assert [(done.delivered, done.postponed) for done in states] == [(0, 1), (0, 1), (1, 0)]
    assert len({got.headers["idempotency-key"] for got in server.received}) == 1
    assert len(server.received) == 3


def test_nothing_is_sent_before_its_time_or_after_delivery(tmp_path: Path) -> None:
    store = with_message(tmp_path)
    taken: list[Parcel] = []
    find: dict[str, Sender] = {"webhook": taken.append}
    deliver_due(store.outbox, {"webhook": fails}.get, 0.0, rng(), POLICY)
    assert deliver_due(store.outbox, find.get, 0.5, rng(), POLICY).delivered == 0
    assert deliver_due(store.outbox, find.get, 100.0, rng(), POLICY).delivered == 1
    assert deliver_due(store.outbox, find.get, 200.0, rng(), POLICY).delivered == 0
    assert [parcel.body for parcel in taken] == ['{"n": 1}']
    store.close()


def test_it_is_given_up_visibly_after_the_last_try(tmp_path: Path) -> None:
    store = with_message(tmp_path)
    done = [deliver_due(store.outbox, {"webhook": fails}.get, 1000.0 * number, rng(), POLICY) for number in range(6)]
    assert [round_.given_up for round_ in done] == [0, 0, 0, 1, 0, 0]
    assert store.outbox.counts()[Delivery.GIVEN_UP] == 1
    (message,) = store.outbox.find()
    assert (message.tries, message.last_error) == (4, "The receiver is away.")
    store.close()


@pytest.mark.parametrize(("target", "says"), [("pigeon", "Nothing is set up"), ("bad", "failed (RuntimeError)")])
def test_what_cannot_be_sent_keeps_nothing_else_from_leaving(tmp_path: Path, target: str, says: str) -> None:
    store = with_message(tmp_path, target)
    store.outbox.add("a2-firing", "a2", "log", "{}", 0.0)
    taken: list[Parcel] = []
    find: dict[str, Sender] = {"bad": bursts, "log": taken.append}
    done = deliver_due(store.outbox, find.get, 0.0, rng(), POLICY)
    assert (done.delivered, done.postponed) == (1, 1)
    assert says in done.errors[0]
    assert [parcel.id for parcel in taken] == ["a2-firing"]
    store.close()


def test_waits_double_up_to_a_cap_with_jitter() -> None:
    policy = RetryPolicy(first=2.0, cap=60.0, tries=200)
    for tries, wait in ((1, 2.0), (2, 4.0), (5, 32.0), (6, 60.0), (150, 60.0)):
        drawn = {policy.next_try(tries, 100.0, random.Random(seed)) for seed in range(20)}
        assert all(again is not None and 100 + wait / 2 <= again <= 100 + wait for again in drawn)
        assert len(drawn) > 10
    assert policy.next_try(200, 100.0, rng()) is None


def test_half_an_hour_of_outage_loses_nothing() -> None:
    policy, now, source = RetryPolicy(), 0.0, rng()
    tries = 0
    while now < 1800:
        tries += 1
        again = policy.next_try(tries, now, source)
        assert again is not None
        now = again
    assert tries < policy.tries
