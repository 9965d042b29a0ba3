"""What a process says of itself every few seconds: that it lives, and its CPU time, memory and own figures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import psutil

from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store

SECONDS = 5.0


def heartbeat(process: str, store: Store, stats: Callable[[], Mapping[str, Any]] = dict) -> Callable[[], None]:
    """A function that writes one heartbeat of this process each time it is called."""
    this = psutil.Process()
    started = this.create_time()

    def beat() -> None:
        own = {"cpu_seconds": _cpu_seconds(this), "rss_bytes": this.memory_info().rss, **stats()}
        store.heartbeats.beat(
            Heartbeat(process=process, pid=os.getpid(), at=time.time(), started_at=started, stats=own)
        )

    return beat


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
