"""The watch process: from the journal to verdicts, alerts and what they tell."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from watchkeeper.app.heartbeat import SECONDS, heartbeat, repeating
from watchkeeper.app.notifier import Notifier, senders
from watchkeeper.config import Settings
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store
from watchkeeper.watch.worker import Worker

_IDLE_SECONDS = 0.1


def run_watch(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the batch under way is finished."""
    stop = _stop_on_signals()
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    worker = Worker(store, journal)
    notifier = Notifier(store, senders(settings))
    notifier.start()
    try:
        with repeating(SECONDS, heartbeat("watch", store)):
            while not stop.is_set():
                if not worker.step().entries:
                    worker.trim()
                    stop.wait(_IDLE_SECONDS)
    finally:
        notifier.stop()
        worker.close()
        journal.close()
        store.close()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return stop
