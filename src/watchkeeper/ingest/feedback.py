"""Takes feedback requests: parse, append to the journal, answer only when it is on disk.

Many requests share one commit: those that come while one append runs wait together for the next. A request that is
answered with an error kept nothing, or, if the client's connection broke first, may be sent again: its items have IDs.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

import msgspec

from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.errors import Unavailable
from watchkeeper.events.feedback import Feedback, feedback_batch
from watchkeeper.ingest.feedback_body import parse_feedback
from watchkeeper.journal.protocol import Entry, Journal

_MOST_WAITING = 1000
_log = logging.getLogger(__name__)


class FeedbackIntake:
    """The feedback endpoint behind HTTP: `await intake(model, body)` gives the JSON of the acknowledgement.

    Raises BadInput, TooLarge, or Unavailable when the journal cannot take it or too many requests wait already.
    """

    def __init__(self, journal: Journal, *, clock_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._journal, self._clock_us = journal, clock_us
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, model: str, body: bytes) -> bytes:
        """Keep the feedback in `body` on predictions of `model`; the acknowledgement, once it is on disk."""
        feedback = parse_feedback(body, self._clock_us())
        if feedback:
            await self._commit(_entry(model, feedback))
        return msgspec.json.encode({"accepted": len(feedback), "durable": True})

    async def _commit(self, entry: Entry) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            raise Unavailable("Too much feedback waits to be written.", hint="Send it again in a moment.")
        committed = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, committed))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await committed

    async def _drain(self) -> None:
        while self._waiting:
            lot, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._journal.append, [entry for entry, _ in lot])
            except Unavailable as error:
                _settle(lot, error)
            except Exception as error:  # noqa: BLE001 — whoever waits must be answered, whatever it was
                _log.exception("Feedback could not be appended to the journal.")
                _settle(lot, Unavailable(f"The feedback could not be kept ({type(error).__name__})."))
            else:
                _settle(lot, None)


def _entry(model: str, feedback: list[Feedback]) -> Entry:
    payload = encode_batch(feedback_batch(model, feedback))
    return Entry(kind="feedback", model=model, rows=len(feedback), payload=payload)


def _settle(lot: list[tuple[Entry, asyncio.Future[None]]], error: Unavailable | None) -> None:
    for _, committed in lot:
        if committed.done():  # whoever waited has gone
            continue
        if error is None:
            committed.set_result(None)
        else:
            committed.set_exception(error)
