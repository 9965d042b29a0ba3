"""A heartbeat says who lives, and a fault in one does not end the process."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from watchkeeper.app.heartbeat import beat_file, heartbeat, repeating
from watchkeeper.store.store import open_store


def test_a_heartbeat(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    heartbeat("watch", store, lambda: {"received": 3})()
    (beat,) = store.heartbeats.all()
    assert (beat.process, beat.pid, beat.stats["received"]) == ("watch", os.getpid(), 3)
    assert beat.stats["rss_bytes"] > 1_000_000
    assert beat.stats["cpu_seconds"] > 0
    assert beat.started_at <= beat.at
    assert beat_file(tmp_path, "watch").exists()
    store.close()


def test_it_is_repeated_through_faults(caplog: pytest.LogCaptureFixture) -> None:
    calls, enough = [0], threading.Event()

    def beat() -> None:
        calls[0] += 1
        if calls[0] == 3:
            enough.set()
        raise OSError("disk full")

    with repeating(0.01, beat):
        assert enough.wait(5)
    after = calls[0]
    assert "could not be written" in caplog.text
    assert calls[0] == after
