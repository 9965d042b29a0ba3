"""The watch process: from the journal to verdicts, alerts and what they tell."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from watchkeeper.app.heartbeat import SECONDS, heartbeat, repeating
from watchkeeper.app.notifier import Notifier, senders, targets
from watchkeeper.config import Settings
from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker

_IDLE_SECONDS = 0.1
_log = logging.getLogger(__name__)


def run_watch(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; the batch under way is finished."""
    stop = _stop_on_signals()
    store = open_store(settings.data_dir)
    journal = SqliteJournal(store.data_dir / "journal.db")
    worker = Worker(store, journal)
    monitoring = Monitoring(store, targets=targets(settings), registry=worker.registry)
    notifier = Notifier(store, senders(settings))
    notifier.start()
    try:
        with repeating(SECONDS, heartbeat("watch", store)):
            while not stop.is_set():
                stop.wait(0 if turn(worker, monitoring) else _IDLE_SECONDS)
    finally:
        notifier.stop()
        worker.close()
        journal.close()
        store.close()


def turn(worker: Worker, monitoring: Monitoring) -> bool:
    """One batch and one pass over the windows; whether there may be more of either at once.

    A disk that fails is waited for: nothing is lost meanwhile, since the journal keeps what is not yet in the store.
    """
    try:
        step = worker.step()
        judged = monitoring.run()
        if not step.entries:
            worker.trim()
    except Unavailable as error:
        _log.error("The store cannot be kept now, and will be as soon as it can: %s", error)
        return False
    return bool(step.entries or judged)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    return stop
