"""Takes feedback requests: parse, append to the journal, answer only when it is on disk.

Many requests share one commit: those that come while one append runs wait together for the next. A request that is
answered with an error kept nothing, or, if the client's connection broke first, may be sent again: its items have IDs.
What is refused is counted by model and reason, in the journal too, so that the counts outlive this process.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.errors import BadInput, TooLarge, Unavailable
from watchkeeper.events.feedback import Feedback, feedback_batch
from watchkeeper.ingest.cloudevents import feedback_body
from watchkeeper.ingest.feedback_body import MALFORMED, BadFeedback, Key, Sent, parse_feedback
from watchkeeper.ingest.rate import Rate, TooMany
from watchkeeper.ingest.sender import Headers, sender_of
from watchkeeper.journal.protocol import Entry, Journal
from watchkeeper.schema.truth import Truth

TOO_FAST = "feedback_too_fast"
_MOST_WAITING = 1000
_TELL_SECONDS = 1.0
_log = logging.getLogger(__name__)


class FeedbackIntake:
    """The feedback endpoint behind HTTP: `await intake(model, body)` gives the JSON of the acknowledgement.

    `find` gives the prediction ID of a model's key (run in a thread). Raises BadInput, TooLarge, TooMany, or
    Unavailable when the journal cannot take it or too many requests wait already.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        find: Callable[[str, Key], str] | None = None,
        rate: Rate | None = None,
    ) -> None:
        self._journal, self._clock_us, self._find = journal, clock_us, find
        self._rate = rate or Rate()
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._refused: Counter[tuple[str, str]] = Counter()

    async def __call__(self, model: str, body: bytes, headers: Headers = (), truth: Truth | None = None) -> bytes:
        """Keep the feedback in `body` on predictions of `model`; the acknowledgement, once it is on disk."""
        try:
            feedback = await self._read(model, body, headers, truth)
        except BadFeedback as error:
            self._refuse(model, error.reasons)
            raise
        except (BadInput, TooLarge):
            self._refuse(model, Counter({MALFORMED: 1}))  # what it held cannot be told: it counts as one
            raise
        if feedback:
            await self._commit(_entry(model, feedback))
        return msgspec.json.encode({"accepted": len(feedback), "durable": True})

    async def _read(self, model: str, body: bytes, headers: Headers, truth: Truth | None) -> list[Feedback]:
        source, now = sender_of(headers), self._clock_us()
        body = feedback_body(headers, body)
        find = self._find
        sent = Sent(now, source, truth, None if find is None else lambda key: find(model, key))
        searches = find is not None and b'"key"' in body
        feedback = await asyncio.to_thread(parse_feedback, body, sent) if searches else parse_feedback(body, sent)
        try:
            self._rate.take(source or "", len(feedback), now / 1e6)
        except TooMany:
            self._refuse(model, Counter({TOO_FAST: len(feedback)}))
            raise
        return feedback

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

    def _refuse(self, model: str, reasons: Counter[str]) -> None:
        """Count what was refused; the journal is told of it within a second, however many requests it were."""
        self._refused.update({(model, reason): items for reason, items in reasons.items()})
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        await asyncio.sleep(_TELL_SECONDS)
        told, self._refused = self._refused, Counter()
        try:
            await asyncio.to_thread(self._journal.append, _losses(told))
        except Unavailable:
            self._refused.update(told)  # with the next


def _losses(refused: Counter[tuple[str, str]]) -> Sequence[Entry]:
    return [
        Entry(kind="loss", model=model, rows=items, payload=msgspec.json.encode({"reason": reason}))
        for (model, reason), items in refused.items()
    ]


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
