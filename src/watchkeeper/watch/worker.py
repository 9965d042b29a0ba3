"""The worker: from journal to store, a batch a step, each step all or nothing.

A step reads entries after the worker's position, checks and counts their rows, joins feedback to predictions, writes
record files, and commits tallies, labels, catalogue, losses and the new position in ONE transaction. So after
`kill -9` at any moment either the step happened, or it did not and happens again from the same entries: nothing
acknowledged is lost and nothing is counted twice. Record files of a step that did not happen are not in the catalogue
and are removed at the next start.

Only one worker may run on a data directory: it holds a lock on `run/watch.lock` for its life.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa

from watchkeeper.events.errors import Conflict, Unavailable
from watchkeeper.events.feedback import Feedback
from watchkeeper.journal.protocol import MAX_BYTES, READ_BYTES, Journal, StoredEntry
from watchkeeper.store.losses import CLOCK_SKEW, DUPLICATE
from watchkeeper.store.records import FEEDBACK, INFERENCE, RecordFile
from watchkeeper.store.store import Store
from watchkeeper.watch.attempts import ALONE_AFTER, LIMIT, Attempts
from watchkeeper.watch.counting import Counted, count_rows, same_schema
from watchkeeper.watch.feedback import FreshFeedback, fresh_feedback
from watchkeeper.watch.joining import Joined, Joiner, Placed
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.said import Said, in_lots, said_of
from watchkeeper.watch.scoring import Scorers, bucket_width
from watchkeeper.watch.sorting import Sorted, put_aside, sort_entries
from watchkeeper.watch.trial import survives

CONSUMER = "watch"
BATCH_ROWS = 50_000
_log = logging.getLogger(__name__)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one step did. Nothing was waiting if `entries` is 0."""

    entries: int = 0
    rows: int = 0
    stored: int = 0
    dead_lettered: int = 0
    position: int = 0


class Worker:
    """Keeps `store` from `journal`. Raises Conflict if another worker holds the data directory.

    `keep_journal_seconds` of what was kept already stay in the journal, for a second look, while the journal holds no
    more than `keep_journal_bytes`: a journal full of what is kept would refuse what is not.
    """

    def __init__(
        self,
        store: Store,
        journal: Journal,
        *,
        clock: Callable[[], float] = time.time,
        batch_rows: int = BATCH_ROWS,
        batch_bytes: int = READ_BYTES,
        keep_journal_seconds: float = 300.0,
        keep_journal_bytes: int = MAX_BYTES // 4,
        trial: Callable[[Path, int], bool] = survives,
    ) -> None:
        self._store, self._journal, self._clock = store, journal, clock
        self._batch_rows, self._batch_bytes = batch_rows, batch_bytes
        self._trial = trial
        self._keep_seconds, self._keep_bytes = keep_journal_seconds, keep_journal_bytes
        self._lock = _lock(store.data_dir / "run" / "watch.lock")
        self._attempts = Attempts(store.data_dir / "run" / "watch.attempt")
        self.registry = Registry(store)
        self._scorers = Scorers(store, self.registry)
        self._joiner = Joiner(store, self.registry, self._scorers)
        self.position = store.positions.get(CONSUMER)
        removed = store.records.clean()
        if removed:
            _log.info("Removed %d record files that an interrupted step had left.", removed)

    def step(self) -> Step:
        """Take one batch from journal to store. Raises Unavailable if a disk fails: the step can be repeated."""
        entries = self._journal.read(self.position, self._batch_rows, self._batch_bytes)
        if not entries:
            return Step(position=self.position)
        self.registry.refresh()
        deaths = self._attempts.begin(self.position)
        try:
            return self._keep(entries[:1] if deaths >= ALONE_AFTER else entries, killed=deaths >= LIMIT)
        finally:
            self._attempts.end()

    def trim(self) -> int:
        """Let the journal forget what is kept; how many entries."""
        crowded = self._journal.size_bytes() > self._keep_bytes
        return self._journal.trim(self.position, older_than=None if crowded else self._clock() - self._keep_seconds)

    def read_until(self) -> float:
        """When the oldest entry that waits was appended, Unix seconds; infinity if none waits."""
        oldest = self._journal.backlog(self.position).oldest
        return math.inf if oldest is None else oldest

    def close(self) -> None:
        """Let another worker take over; calling twice is harmless."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _keep(self, entries: list[StoredEntry], *, killed: bool) -> Step:
        try:
            return self._commit(entries, self._sorted(entries, killed=killed))
        except (Unavailable, MemoryError):
            self._store.records.clean()
            raise
        except Exception:  # noqa: BLE001 — whatever one entry does, its neighbours are kept
            self._store.records.clean()
            if len(entries) > 1:
                return self._keep_singly(entries)
            _log.exception("The entry at position %d cannot be kept; it becomes a dead letter.", entries[0].position)
            return self._commit(entries, self._refused(entries[0]))

    def _keep_singly(self, entries: list[StoredEntry]) -> Step:
        """One entry spoils the batch: keep each by itself, so that only that one is put aside."""
        steps = [self._keep([entry], killed=False) for entry in entries]
        return Step(
            entries=len(steps),
            rows=sum(step.rows for step in steps),
            stored=sum(step.stored for step in steps),
            dead_lettered=sum(step.dead_lettered for step in steps),
            position=self.position,
        )

    def _sorted(self, entries: list[StoredEntry], *, killed: bool) -> Sorted:
        if not killed or self._trial(self._store.data_dir, self.position):
            return sort_entries(entries, self.registry)
        out = Sorted()
        put_aside(entries[0], "deadly", f"The worker died {LIMIT} times while it read this entry.", self.registry, out)
        return out

    def _refused(self, entry: StoredEntry) -> Sorted:
        out = Sorted()
        put_aside(
            entry, "refused", "An error while it was counted; the log of this moment says which.", self.registry, out
        )
        return out

    def _commit(self, entries: list[StoredEntry], found: Sorted) -> Step:
        counted, said = self._count(found)
        feedback = {model: fresh_feedback(self._store, model, batches) for model, batches in found.feedback.items()}
        joined = self._join(found, counted, feedback)
        files = self._write(counted, feedback)
        with self._store.begin():
            for rows in counted:
                self._add(rows)
            self._add_said(said)
            for labels in joined:
                self._joiner.keep(labels, self._clock())
            self._account(found, counted, feedback)
            self._store.records.add(files)
            self._store.positions.set(CONSUMER, entries[-1].position)
        self.position = entries[-1].position
        return Step(
            entries=len(entries),
            rows=sum(found.received.values()),
            stored=sum(file.rows for file in files),
            dead_lettered=sum(letter.rows for letter in found.letters),
            position=self.position,
        )

    def _count(self, found: Sorted) -> tuple[list[Counted], list[Said]]:
        """Rows of every source, and what they said."""
        counted: list[Counted] = []
        said: list[Said] = []
        for source, batches in found.inferences.items():
            watched = self.registry.watched(source.model, source.version)
            if watched is None:
                continue
            for alike in same_schema([batch for batch in batches if batch.num_rows]):
                counted.append(count_rows(source, watched, alike))
                heard = self._said(counted[-1])
                said += [] if heard is None else [heard]
        return counted, said

    def _said(self, rows: Counted) -> Said | None:
        source, width = rows.source, bucket_width(rows.watched.settings)
        try:
            return said_of(source, self._scorers.of(source.model, source.version), rows.answered, width)
        except (Unavailable, MemoryError):
            raise
        except Exception:  # noqa: BLE001 — what was said must not cost the rows themselves
            _log.exception("Scores of %s %s cannot be counted; its rows are kept.", source.model, source.version)
            return None

    def _join(self, found: Sorted, counted: list[Counted], feedback: dict[str, FreshFeedback]) -> list[Joined]:
        """What feedback leads to, of every model that has new feedback or new rows."""
        tables: dict[str, list[pa.Table]] = {}
        for rows in counted:
            tables.setdefault(rows.source.model, []).append(rows.table)
        joined = []
        for model in dict.fromkeys([*tables, *feedback]):
            arrived = feedback[model].arrived if model in feedback else []
            joined.append(self._joined(model, arrived, tables.get(model, []), found.placed.get(model, [])))
        return [labels for labels in joined if labels is not None]

    def _joined(
        self, model: str, arrived: list[tuple[int, Feedback]], tables: list[pa.Table], placed: list[Placed]
    ) -> Joined | None:
        try:
            return self._joiner.prepare(model, arrived, tables, placed)
        except (Unavailable, MemoryError):
            raise
        except Exception:
            if arrived:
                raise  # the entry that it came in is put aside
            _log.exception("Feedback of %s that waits cannot be joined; its predictions are kept all the same.", model)
            return None

    def _write(self, counted: list[Counted], feedback: dict[str, FreshFeedback]) -> list[RecordFile]:
        files: list[RecordFile] = []
        for rows in counted:
            files += self._store.records.write(INFERENCE, rows.source.model, rows.table)
        for model, fresh in feedback.items():
            if fresh.ids:
                files += self._store.records.write(FEEDBACK, model, fresh.table)
        return files

    def _add(self, rows: Counted) -> None:
        source, length = rows.source, rows.watched.settings.window_seconds
        for buckets in rows.buckets():
            self._store.tallies.add(source, buckets)
        self._store.windows.touch(source.model, source.version, [(start, start + length) for start in rows.windows])
        self._store.windows.advance(rows.stream)

    def _add_said(self, said: list[Said]) -> None:
        for model, version in {(one.source.model, one.source.version) for one in said}:
            self._scorers.keep(model, version)
        for lot in in_lots(said):
            self._store.performance.add_said(lot)

    def _account(self, found: Sorted, counted: list[Counted], feedback: dict[str, FreshFeedback]) -> None:
        """Count what came in, what was stored and what was not; put dead letters aside."""
        stored: dict[tuple[str, str], int] = {}
        for rows in counted:
            key = (rows.source.model, INFERENCE)
            stored[key] = stored.get(key, 0) + rows.table.num_rows
            found.losses[rows.source.model, CLOCK_SKEW] += rows.skewed
        for model, fresh in feedback.items():
            stored[model, FEEDBACK] = len(fresh.ids)
            found.losses[model, DUPLICATE] += fresh.duplicates
            found.losses[model, CLOCK_SKEW] += fresh.skewed
            self._store.feedback_ids.add(model, fresh.ids, self._clock())
        self._store.losses.take_in({key: (rows, stored.get(key, 0)) for key, rows in found.received.items()})
        self._store.losses.add(found.losses)
        self._store.dead_letters.add(found.letters)


def _lock(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Conflict(
            f"Another watch worker holds {path}.", hint="One worker a data directory: stop the other, or use its own."
        ) from error
    return descriptor
