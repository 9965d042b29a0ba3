"""One turn of the watch process: a batch, the windows, and a disk that fails."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from watchkeeper.app.watch import _stop_on_signals, turn
from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry, StoredEntry
from watchkeeper.store.store import open_store
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker


class BrokenJournal(MemoryJournal):
    """A journal whose disk fails."""

    def read(self, after: int, max_rows: int, max_bytes: int = 0) -> list[StoredEntry]:
        raise Unavailable("The disk fails.")


def test_a_turn_empties_the_journal(tmp_path: Path) -> None:
    store, journal = open_store(tmp_path), MemoryJournal()
    worker = Worker(store, journal)
    monitoring = Monitoring(store, registry=worker.registry)
    journal.append([Entry(kind="loss", model="m", rows=3, payload=b'{"reason": "buffer_full"}')])
    assert turn(worker, monitoring)
    assert not turn(worker, monitoring)
    assert store.losses.totals() == {("m", "buffer_full"): 3}
    worker.close()
    store.close()


def test_a_disk_that_fails_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(tmp_path)
    worker = Worker(store, BrokenJournal())
    assert not turn(worker, Monitoring(store, registry=worker.registry))
    assert "The disk fails" in caplog.text
    worker.close()
    store.close()


def test_signals_stop_it() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = _stop_on_signals()
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
