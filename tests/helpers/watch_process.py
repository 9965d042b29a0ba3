"""A real watch worker in a process of its own, for tests that kill it: `python -m tests.helpers.watch_process DIR`.

Steps are small, so that a kill at a random moment often falls inside one.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.store import open_store
from watchkeeper.watch.loop import Watch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker

BATCH_ROWS = 400


def main(data_dir: Path) -> None:
    """Work until killed. Says `ready` when the first step begins."""
    store, journal = open_store(data_dir), SqliteJournal(data_dir / "journal.db")
    worker = Worker(store, journal, batch_rows=BATCH_ROWS, keep_journal_seconds=0.0)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    Watch(store, journal, worker, Monitoring(store, registry=worker.registry)).run(threading.Event())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
