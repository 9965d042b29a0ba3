"""The life of the watch process: rows first, then windows that have closed, then housekeeping, then a short sleep."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.protocol import Journal
from watchkeeper.store.store import Store
from watchkeeper.watch.housekeeping import Housekeeping
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.processes import Processes
from watchkeeper.watch.worker import Step, Worker

IDLE_SECONDS = 0.05
JUDGE_SECONDS = 0.5
TRIM_SECONDS = 5.0
HOUSE_SECONDS = 10.0
LOOK_SECONDS = 5.0
MAX_PAUSE_SECONDS = 5.0
_RATE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Watch:
    """Turns until it is stopped. `beat` is called each second by the loop itself: a stuck loop does not beat."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        worker: Worker,
        monitoring: Monitoring,
        processes: Processes | None = None,
        *,
        clock: Callable[[], float] = time.time,
        beat: Callable[[], None] = lambda: None,
        beat_seconds: float = 1.0,
    ) -> None:
        self._store, self._journal = store, journal
        self._worker, self._monitoring = worker, monitoring
        self._processes = processes or Processes(store, clock=clock)
        self._clock = clock
        self._housekeeping = Housekeeping(store, clock=clock, read_until=worker.read_until)
        self._judge, self._trim, self._house = _Every(JUDGE_SECONDS), _Every(TRIM_SECONDS), _Every(HOUSE_SECONDS)
        self._look = _Every(LOOK_SECONDS)
        self._beat, self._beats = beat, _Every(beat_seconds)
        self._recent: deque[tuple[float, int]] = deque()
        self._failing: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a step that has begun is finished. Disk faults are waited out."""
        pause = IDLE_SECONDS
        while not stop.is_set():
            try:
                busy = self.turn()
                self._failing = None
                pause = IDLE_SECONDS
            except Unavailable as error:
                if self._failing is None:
                    _log.error("The watch worker waits: %s", error)
                self._failing, busy = str(error), False
                pause = min(pause * 2, MAX_PAUSE_SECONDS)
            if not busy:
                stop.wait(pause)

    def turn(self) -> bool:
        """One step of everything that is due; whether there is more to do at once."""
        if self._beats.due():
            self._beat()
        step = self._worker.step()
        self._note(step)
        if self._trim.due():
            self._worker.trim()
        judged = self._monitoring.run() if self._judge.due() else 0
        busy = bool(step.entries or judged)
        if self._look.due():
            self._processes.run()
        if self._house.due() or not busy:  # a worker that is never idle keeps house all the same
            busy = self._housekeeping.run() or busy
        return busy

    def settle(self) -> None:
        """Everything that waits, now: rows, then windows. For tests, and for a replay that wants its verdicts."""
        while self._worker.step().entries:
            pass
        while self._monitoring.run():
            pass

    def stats(self) -> dict[str, Any]:
        """Figures for the heartbeat: position, what waits, rows a second of late, free disk, and what it waits for.

        May be called from another thread.
        """
        backlog = self._journal.backlog(self._worker.position)
        lag = 0.0 if backlog.oldest is None else max(0.0, self._clock() - backlog.oldest)
        return {
            "position": self._worker.position,
            "lag_rows": backlog.rows,
            "lag_bytes": backlog.bytes,
            "lag_seconds": lag,
            "rows_per_second": self._rate(),
            "journal_bytes": self._journal.size_bytes(),
            "disk_free_bytes": shutil.disk_usage(self._store.data_dir).free,
            "failing": self._failing,
        }

    def _note(self, step: Step) -> None:
        now = time.monotonic()
        if step.rows:
            self._recent.append((now, step.rows))
        while self._recent and self._recent[0][0] < now - _RATE_SECONDS:
            self._recent.popleft()

    def _rate(self) -> float:
        since = time.monotonic() - _RATE_SECONDS
        return sum(rows for at, rows in list(self._recent) if at >= since) / _RATE_SECONDS


class _Every:
    """Due at once, then again every so many seconds of the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._next = seconds, 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True
