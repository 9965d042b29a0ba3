"""The watch process: from the journal to verdicts, alerts and what they tell."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from watchkeeper.app.heartbeat import heartbeat
from watchkeeper.app.notifier import Notifier, senders, targets
from watchkeeper.config import Settings
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store
from watchkeeper.watch.loop import Watch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.processes import Processes
from watchkeeper.watch.worker import Worker


def run_watch(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the batch under way is finished."""
    stop = stop_on_signals()
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    worker = Worker(store, journal)
    monitoring = Monitoring(store, targets=targets(settings), registry=worker.registry, read_until=worker.read_until)
    processes = Processes(store, targets=targets(settings))
    watch = Watch(store, journal, worker, monitoring, processes, beat=lambda: beat())  # noqa: PLW0108 (made below)
    beat = heartbeat("watch", store, watch.stats)
    notifier = Notifier(store, senders(settings))
    notifier.start()
    try:
        watch.run(stop)
    finally:
        notifier.stop()
        worker.close()
        journal.close()
        store.close()


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set, in place of what they would do."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return stop
