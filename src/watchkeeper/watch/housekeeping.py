"""What is done when nothing else is: old records and buckets go, small files are merged, the journal is trimmed.

Each call does one small thing, so that rows never wait long behind it. Records expire by event time, `keep_records`
after the newest event of their model, so a replay of history is not deleted while it is told; and nothing goes sooner
than that after its model was registered, so one prediction of today does not delete the years replayed before it.
Buckets older than `keep_buckets` become hours, and hours stay: they are kilobytes, and are what was learned. Where
windows are no whole hours they become the longest part of an hour that divides a window, so that a late row still finds
its window whole. Verdicts and the sums they were given on stay for 400 days, as does what labels said of the model and
what was estimated without them; the labels themselves go with their records.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

import pyarrow as pa

from watchkeeper.store.compaction import compact_one
from watchkeeper.store.store import Store
from watchkeeper.store.versions import Model
from watchkeeper.watch.cadence import rests
from watchkeeper.watch.parking import give_up_overdue

EVERY_SECONDS = 60.0
LABELS_SECONDS = 3600.0
"""Labels have no index by time (it would double them), so that finding the old ones reads them all: hourly will do."""

KEEP_LETTERS_SECONDS = 30 * 86_400.0
KEEP_VERDICTS_SECONDS = 400 * 86_400
HOUR = 3600
_MICRO = 1_000_000
_log = logging.getLogger(__name__)


class Housekeeping:
    """Retention and compaction of one store."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float] = time.time,
        read_until: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._store, self._clock, self._read_until = store, clock, read_until
        self._last = self._last_labels = -math.inf

    def run(self) -> bool:
        """Do what is due, if anything is; whether there may be more at once."""
        now = self._clock()
        if not rests(self._last, now, EVERY_SECONDS):
            self._last = now
            self.expire()
            give_up_overdue(self._store, now, self._read_until())
        return self.compact()

    def expire(self) -> None:
        """Delete what is older than each model's retention."""
        streams, now = self._store.windows.streams(), self._clock()
        labels_due = not rests(self._last_labels, now, LABELS_SECONDS)
        for model in self._store.versions.models():
            if model.name in streams:
                newest = streams[model.name].newest_event
                self._expire(model, newest)
                if labels_due:
                    self._expire_labels(model, newest)
        if labels_due:
            self._last_labels = now
        old = self._clock() - KEEP_LETTERS_SECONDS
        self._store.dead_letters.expire(old)
        self._store.outbox.expire(old)

    def compact(self) -> bool:
        """Merge the small files of one crowded day; whether there was one."""
        try:
            return compact_one(self._store.records) > 0
        except (OSError, pa.ArrowException):
            _log.exception("Record files could not be merged; they are read as they are.")
            return False

    def _expire(self, model: Model, newest: float) -> None:
        store, name, settings = self._store, model.name, model.settings
        rows = store.records.expire(name, self._before(model, newest, settings.keep_records_seconds) * _MICRO)
        if rows:
            _log.info("%d records of %s were older than its retention and are deleted.", rows, name)
        before = self._before(model, newest, KEEP_VERDICTS_SECONDS)
        store.verdicts.expire(name, before)
        store.windows.expire(name, before)
        width = math.gcd(HOUR, settings.window_seconds)
        store.tallies.roll_up(name, int(newest) - settings.keep_buckets_seconds, width)

    def _expire_labels(self, model: Model, newest: float) -> None:
        store, name, kept = self._store, model.name, model.settings.keep_records_seconds
        before = self._before(model, newest, kept)
        store.feedback_ids.expire(name, self._clock() - kept)
        store.labels.expire(name, before * _MICRO)
        store.label_requests.expire(name, before)
        before = self._before(model, newest, KEEP_VERDICTS_SECONDS)
        store.performance.expire(name, before)
        store.estimates.expire(name, before)
        store.outcomes.expire(name, self._clock() - KEEP_VERDICTS_SECONDS)

    def _before(self, model: Model, newest: float, kept: int) -> int:
        """Before which event time (Unix seconds) a model's data goes; 0 while the model is younger than that."""
        return int(newest) - kept if self._clock() - model.created_at >= kept else 0
