"""Replays flights against the live server by event time, as fast as the machine goes.

Rules: time moves in steps of one event hour. In a step the flights scheduled in it are predicted, in requests of those
scheduled within the same few minutes, over several connections at once; and the labels of flights that landed in the
hour before are sent. A step starts when the last one is answered, so nothing is ever more than an event hour late, and
a label always follows its prediction. Flights that were cancelled or diverted never get a label.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import msgspec
import numpy as np

from watchkeeper.demo.flights import Flights
from watchkeeper.demo.payloads import Payloads, batches
from watchkeeper.demo.wire import Pool
from watchkeeper.events.ids import row_ids

STEP_SECONDS = 3600
SLOT_SECONDS = 300
DAY_SECONDS = 86_400

Pace = Callable[["Totals"], Awaitable[None]]


class Totals(msgspec.Struct, kw_only=True):
    """What has been sent and answered so far. `now` is the event time reached, Unix seconds."""

    now: float
    requests: int = 0
    predictions: int = 0
    labels: int = 0
    cancelled: int = 0
    diverted: int = 0


class _Answer(msgspec.Struct):
    parameters: dict[str, object]


class Replay:
    """One run over `flights`; `pace` is awaited at every event midnight, to show progress and let others catch up."""

    def __init__(self, pool: Pool, model: str, flights: Flights, pace: Pace) -> None:
        self._pool, self._flights, self._pace = pool, flights, pace
        self._infer, self._feedback = f"/v2/models/{model}/infer", f"/v2/models/{model}/feedback"
        self._payloads = Payloads(flights)
        self._ids = [""] * len(flights)
        order = np.argsort(flights.landing, kind="stable")
        self._landing_order = order[np.searchsorted(flights.landing[order], 0) :]
        self._landings = flights.landing[self._landing_order]
        self._decoder = msgspec.json.Decoder(_Answer)

    async def run(self) -> Totals:
        """Send everything; the totals at the end."""
        flights = self._flights
        now = int(flights.departure[0]) // STEP_SECONDS * STEP_SECONDS
        last = max(int(flights.departure[-1]), int(flights.landing.max())) + STEP_SECONDS
        totals = Totals(now=now)
        while now <= last:
            await asyncio.gather(*self._step(now, totals))
            now += STEP_SECONDS
            totals.now = now
            if now % DAY_SECONDS == 0 or now > last:
                await self._pace(totals)
        totals.cancelled = int(flights.cancelled.sum())
        totals.diverted = int((~flights.landed).sum()) - totals.cancelled
        return totals

    def _step(self, now: int, totals: Totals) -> list[Coroutine[None, None, None]]:
        """The requests of one event hour: predictions due now, labels of the hour before."""
        first, end = np.searchsorted(self._flights.departure, [now, now + STEP_SECONDS])
        work = [
            self._predict(low, high, totals)
            for low, high in batches(self._flights.departure, int(first), int(end), SLOT_SECONDS)
        ]
        since, until = np.searchsorted(self._landings, [now - STEP_SECONDS, now])
        landed: list[int] = self._landing_order[since:until].tolist()
        if landed:
            work.append(self._label(landed, totals))
        return work

    async def _predict(self, first: int, end: int, totals: Totals) -> None:
        answer = await self._pool.post(self._infer, self._payloads.inference(first, end))
        prediction_id = str(self._decoder.decode(answer).parameters["prediction_id"])
        self._ids[first:end] = row_ids(prediction_id, end - first)
        totals.requests += 1
        totals.predictions += end - first

    async def _label(self, landed: list[int], totals: Totals) -> None:
        await self._pool.post(self._feedback, self._payloads.feedback(landed, self._ids))
        totals.requests += 1
        totals.labels += len(landed)
