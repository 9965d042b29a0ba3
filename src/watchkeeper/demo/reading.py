"""What the server knows while the year is replayed, read from its store: how far it has come, and what it found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from watchkeeper.demo.replay import Totals
from watchkeeper.demo.results import Counts, JudgedWindow
from watchkeeper.events.errors import Unavailable
from watchkeeper.events.verdict import Verdict
from watchkeeper.store.losses import CLOCK_SKEW
from watchkeeper.store.records import FEEDBACK, INFERENCE
from watchkeeper.store.store import Store

AHEAD_SECONDS = 10 * 86_400
"""How far the replay may run ahead of the watch worker, event time."""
PATIENCE_SECONDS = 120.0
_POLL = 0.1
_YEARS_OF_DAYS = 1000


class Reader:
    """Reads one model's side of the store."""

    def __init__(self, store: Store, model: str, lateness: int) -> None:
        self._store, self._model, self._lateness = store, model, lateness

    async def keep_up(self, totals: Totals) -> None:
        """Wait until the watch worker is near: the journal must not grow without bound because a demo is in a hurry."""
        await self._until(lambda: totals.now - self._reached() < AHEAD_SECONDS, "the watch worker to come nearer")

    async def finished(self, totals: Totals) -> None:
        """Wait until all that was acknowledged is stored, and every closed window judged."""
        await self._until(lambda: self._all_stored(totals), "all rows to be stored")
        await self._until(lambda: not self._unjudged(), "the last windows to be judged")

    def counts(self, totals: Totals) -> Counts:
        """What was sent beside what is stored."""
        predictions, labels = self._stored()
        losses = {key: rows for key, rows in self._store.losses.totals().items() if key[1] != CLOCK_SKEW}
        return Counts(
            requests=totals.requests,
            predictions=totals.predictions,
            predictions_recorded=predictions,
            labels=totals.labels,
            labels_recorded=labels,
            cancelled=totals.cancelled,
            diverted=totals.diverted,
            lost=sum(losses.values()),
        )

    def windows(self) -> list[JudgedWindow]:
        """Every judged window, by time."""
        found = self._store.verdicts.history(self._model, limit=_YEARS_OF_DAYS)
        return [JudgedWindow(start=one.window_start, alarm=one.verdict is Verdict.ALARM) for one in found]

    def _reached(self) -> float:
        stream = self._store.windows.streams().get(self._model)
        return stream.newest_event if stream else float("inf")

    def _stored(self) -> tuple[int, int]:
        kept = {one.kind: one.stored for one in self._store.losses.intake() if one.model == self._model}
        return kept.get(INFERENCE, 0), kept.get(FEEDBACK, 0)

    def _all_stored(self, totals: Totals) -> bool:
        predictions, labels = self._stored()
        return predictions >= totals.predictions and labels >= totals.labels

    def _unjudged(self) -> list[int]:
        closed = self._reached() - self._lateness
        return [window.start for window in self._store.windows.changed(self._model) if window.end <= closed]

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise Unavailable(f"Waited {PATIENCE_SECONDS:.0f} s for {what}.", hint="See server.log for why.")
            await asyncio.sleep(_POLL)
