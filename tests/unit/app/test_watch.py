"""The watch process runs until a signal; the process itself is proved in tests/e2e/test_up.py."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchkeeper.app.watch import run_watch, stop_on_signals
from watchkeeper.config import Settings
from watchkeeper.store.store import open_store


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_signals_set_the_event() -> None:
    stop = stop_on_signals()
    signal.raise_signal(signal.SIGTERM)
    assert stop.is_set()


def test_it_beats_and_ends_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(tmp_path).close()  # making the tables takes a while
    stop = threading.Event()
    monkeypatch.setattr("watchkeeper.app.watch.stop_on_signals", lambda: stop)
    asked = threading.Timer(0.5, stop.set)
    asked.start()
    run_watch(Settings(data_dir=tmp_path))
    asked.join()
    store = open_store(tmp_path)
    (beat,) = store.heartbeats.all()
    assert (beat.process, beat.stats["lag_rows"]) == ("watch", 0)
    store.close()
