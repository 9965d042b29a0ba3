"""What the outbox holds goes where the settings say, from a thread that no fault ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.notify.receiver import receiver
from watchkeeper.app.notifier import Notifier, senders, targets
from watchkeeper.config import Settings
from watchkeeper.store.outbox import Delivery
from watchkeeper.store.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


def test_targets() -> None:
    assert targets(Settings()) == ("log",)
    assert targets(Settings(webhook_url="http://127.0.0.1/")) == ("log", "webhook")


def test_log_and_webhook(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with receiver(200) as server:
        settings = Settings(webhook_url=server.url, webhook_secret="k")
        for target in targets(settings):
            store.outbox.add("a-firing", "a", target, '{"n": 1}', 0.0)
        Notifier(store, senders(settings)).round()
    assert [got.body for got in server.received] == [b'{"n": 1}']
    assert "watchkeeper-signature" in server.received[0].headers
    assert [getattr(record, "notice", None) for record in caplog.records] == [{"n": 1}]
    assert store.outbox.counts()[Delivery.DELIVERED] == 2


def test_a_failure_is_logged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.outbox.add("a-firing", "a", "webhook", "{}", 0.0)
    Notifier(store, senders(Settings())).round()
    assert "Nothing is set up" in caplog.text
    assert store.outbox.counts()[Delivery.DUE] == 1


def test_the_thread_delivers_until_it_is_stopped(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.app.notifier.IDLE_SECONDS", 0.01)
    store.outbox.add("a-firing", "a", "log", "{}", 0.0)
    notifier = Notifier(store, senders(Settings()))
    notifier.start()
    deadline = time.monotonic() + 5
    while store.outbox.counts()[Delivery.DELIVERED] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    notifier.stop()
