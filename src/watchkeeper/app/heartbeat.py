"""What a process says of itself every few seconds: that it lives, and its CPU time, memory and own figures."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store

SECONDS = 5.0
_log = logging.getLogger(__name__)


def heartbeat(process: str, store: Store, stats: Callable[[], Mapping[str, Any]] = dict) -> Callable[[], None]:
    """A function that writes one heartbeat of this process each time it is called."""
    this = psutil.Process()
    started = this.create_time()
    sign = beat_file(store.data_dir, process)
    sign.parent.mkdir(mode=0o700, exist_ok=True)

    def beat() -> None:
        sign.touch()  # first: it says that this process turns, even while the store cannot be written
        own = {"cpu_seconds": _cpu_seconds(this), "rss_bytes": this.memory_info().rss, **stats()}
        store.heartbeats.beat(
            Heartbeat(process=process, pid=os.getpid(), at=time.time(), started_at=started, stats=own)
        )

    return beat


def beat_file(data_dir: Path, process: str) -> Path:
    """The file whose time is that of the process's last sign of life, for its supervisor."""
    return data_dir / "run" / f"{process}.beat"


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def repeating(seconds: float, call: Callable[[], None]) -> Iterator[None]:
    """Call `call` at once and every so many seconds, from a thread of its own, until the block ends."""
    ended = threading.Event()

    def repeat() -> None:
        while True:
            try:
                call()
            except Exception:  # noqa: BLE001 (a missed heartbeat must not end the process that it speaks for)
                _log.exception("A heartbeat could not be written")
            if ended.wait(seconds):
                return

    thread = threading.Thread(target=repeat, name="repeating", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(5)
