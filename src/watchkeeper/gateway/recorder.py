"""The thread that carries captured requests into the journal, at most 50 ms after they were answered.

Rules:
1. Nothing here can reach a request: every exception ends in a counter.
2. Privacy fails closed. What cannot be redacted is journaled as envelope alone, and counted.
3. Rows that the journal refuses for now (disk full, I/O error) stay in memory, within the buffer's bound, and are tried
   again with growing pauses. Rows that it refuses while it takes others are dropped and counted.
4. Every loss is counted by model and reason, and a `loss` entry tells the journal's reader, when the journal can be
   written again.
5. Whoever waits for a commit (capture mode durable) is told of it only when the row is in the journal, and is told
   otherwise as soon as it is known: rows queued behind a failing journal do not wait for it to recover.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import pyarrow as pa

from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.errors import Unavailable, WatchkeeperError
from watchkeeper.gateway.batches import grouped, inference_batch
from watchkeeper.gateway.capture import BUFFER_FULL, CaptureBuffer, Captured
from watchkeeper.journal.protocol import Entry, Journal
from watchkeeper.schema.privacy import redact

INTERVAL = 0.05
MAX_PAUSE = 5.0
_FIRST_PAUSE = 0.1
_ROWS_AT_ONCE = 20_000
_log = logging.getLogger(__name__)

LOSS = "loss"
ENCODE_FAILED = "encode_failed"
REDACTION_FAILED = "redaction_failed"
JOURNAL_REFUSED = "journal_refused"
SHUTDOWN = "shutdown"

Losses = Counter[tuple[str, str]]


class Recorder:
    """Takes from the buffer, builds and redacts batches, appends them to the journal. One thread, made by `start`."""

    def __init__(self, buffer: CaptureBuffer, journal: Journal, pepper: bytes) -> None:
        self._buffer, self._journal, self._pepper = buffer, journal, pepper
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._lost: Losses = Counter()
        self._reported: Losses = Counter()
        self._payloads_withheld: Counter[str] = Counter()
        self._held: Sequence[Captured] = ()
        self._entries: Sequence[Entry] = ()
        self.recorded_rows = 0
        self.failing: str | None = None

    def start(self) -> None:
        """Begin recording. Blocks for a moment: pyarrow looks for pandas at its first array, better now than later."""
        pa.array([0])
        self._thread.start()

    def hurry(self) -> None:
        """Record now: somebody waits for the commit."""
        self._wake.set()

    def close(self, timeout: float) -> None:
        """Record what is left, for at most `timeout` seconds; the rest is counted as lost at shutdown."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def losses(self) -> Losses:
        """Rows lost so far by (model, reason), those dropped by the full buffer included."""
        full = {(model, BUFFER_FULL): rows for model, rows in dict(self._buffer.dropped).items()}
        return Counter(dict(self._lost)) + Counter(full)

    def payloads_withheld(self) -> dict[str, int]:
        """Rows by model that were recorded without inputs and outputs because redaction failed."""
        return dict(self._payloads_withheld)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.is_set():
            self._wake.wait(INTERVAL)
            self._wake.clear()
            while self.flush():
                pause = _FIRST_PAUSE
            if self.failing is not None:
                self._stop.wait(pause)
                pause = min(pause * 2, MAX_PAUSE)
        self._last_flush()

    def _last_flush(self) -> None:
        while self.flush() or (self.failing is None and self._buffer.rows):
            pass
        left = [*self._held, *self._buffer.take(1 << 62)]
        for item in left:
            self._lose(item.served.model, SHUTDOWN, item.n)
        _reject(left, "The server shut down before the prediction was recorded.")
        if left:
            self._held, self._entries = (), ()
            self._buffer.release(left)
            self.flush()  # one last try to tell the journal's reader

    def flush(self) -> bool:
        """Append one lot; whether a full lot went, so that more waits. What the journal refuses for now is held."""
        if not self._held:
            self._held = self._buffer.take(_ROWS_AT_ONCE)
            self._entries = self._encode(self._held)
        entries = [*self._entries, *self._unreported()]
        if not self._held and not entries:
            return False
        if not self._append(entries):
            return False
        done, self._held, self._entries = list(self._held), (), ()
        self._buffer.release(done)
        _confirm(done)
        return sum(item.n for item in done) >= _ROWS_AT_ONCE

    def _append(self, entries: list[Entry]) -> bool:
        try:
            if entries:
                self._journal.append(entries)
        except (Unavailable, OSError) as error:
            self._note_failure(error)
            return False
        except Exception as error:  # noqa: BLE001 - not a full disk but these entries: keep what can be kept
            self._note_failure(error)
            entries = self._append_singly(entries)
        self.failing = None
        self.recorded_rows += sum(entry.rows for entry in entries if entry.kind != LOSS)
        self._mark_reported(entries)
        return True

    def _append_singly(self, entries: list[Entry]) -> list[Entry]:
        kept = []
        for entry in entries:
            try:
                self._journal.append([entry])
                kept.append(entry)
            except Exception:  # noqa: BLE001 - counted; the log has the first of them
                if entry.kind != LOSS:
                    self._lose(entry.model, JOURNAL_REFUSED, entry.rows)
        return kept

    def _note_failure(self, error: Exception) -> None:
        if self.failing is None:
            _log.error("The journal cannot be written; predictions go on, rows wait in memory: %s", error)
        self.failing = str(error) or type(error).__name__
        _reject([*self._held, *self._buffer.waiting()], "The prediction could not be recorded.")

    def _encode(self, items: Sequence[Captured]) -> list[Entry]:
        entries = []
        for group in grouped(items).values():
            rows, model = sum(item.n for item in group), group[0].served.model
            try:
                payload = encode_batch(self._redacted(group))
                entries.append(Entry(kind="inference", model=model, rows=rows, payload=payload))
            except Exception as error:  # noqa: BLE001 - rule 1; the text of the error may hold values, so only its type is logged
                _log.error("%d rows of %s could not be encoded (%s)", rows, model, type(error).__name__)
                self._lose(model, ENCODE_FAILED, rows)
                _reject(group, "The prediction could not be recorded.")
        return entries

    def _redacted(self, group: Sequence[Captured]) -> pa.RecordBatch:
        served = group[0].served
        try:
            return redact(inference_batch(group), served.schema, self._pepper)
        except Exception as error:  # noqa: BLE001 - rule 2; the text of the error may hold values, so only its type is logged
            rows = sum(item.n for item in group)
            self._payloads_withheld[served.model] += rows
            _log.error("%d rows of %s: recorded without payload (%s)", rows, served.model, type(error).__name__)
            return inference_batch(group, payload=False)

    def _lose(self, model: str, reason: str, rows: int) -> None:
        self._lost[model, reason] += rows

    def _unreported(self) -> list[Entry]:
        fresh = self.losses() - self._reported
        return [
            Entry(kind=LOSS, model=model, rows=rows, payload=msgspec.json.encode({"reason": reason}))
            for (model, reason), rows in fresh.items()
        ]

    def _mark_reported(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.kind == LOSS:
                reason = msgspec.json.decode(entry.payload)["reason"]
                self._reported[entry.model, reason] += entry.rows


def _confirm(items: Sequence[Captured]) -> None:
    for item in items:
        if item.committed is not None:
            _settle(item.committed, None)


def _reject(items: Sequence[Captured], why: str) -> None:
    for item in items:
        if item.committed is not None:
            _settle(item.committed, Unavailable(why, hint="Try again; the journal's disk may be full."))


def _settle(future: asyncio.Future[None], error: WatchkeeperError | None) -> None:
    """Resolve a future of the event loop from this thread; too late is harmless."""

    def resolve() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    with suppress(RuntimeError):  # the loop has gone, and with it whoever waited
        future.get_loop().call_soon_threadsafe(resolve)
