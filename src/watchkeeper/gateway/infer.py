"""One infer request from its bytes to its answer, without sockets: decode, predict, answer, hand over to capture.

    body ──decode──> rows ──predict──> outputs ──encode──> reply
                       └────────────┬─────┘
                                 capture (a tuple into a queue; nothing in it can fail a request)

A request that names a served version is always recorded: answered, refused (4xx, without inputs) or failed (500, with
the inputs that the model failed on). Errors recorded or answered never quote the values that were sent.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from concurrent.futures import Executor
from enum import StrEnum
from time import perf_counter_ns
from typing import Any

import numpy as np

from watchkeeper.events.errors import BadInput, Unavailable, WatchkeeperError
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.events.times import event_micros
from watchkeeper.gateway.capture import CaptureBuffer, Captured
from watchkeeper.gateway.catalogue import ServedVersion
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.protocol import InferRequest, decode_request
from watchkeeper.gateway.recorder import Recorder
from watchkeeper.gateway.reply import Reply, error_reply, infer_body
from watchkeeper.gateway.tensors import shown
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.rows import Rows

_OVERHEAD = 500
"""Bytes of memory that a captured request takes beside its body, roughly."""

_log = logging.getLogger(__name__)


class CaptureMode(StrEnum):
    """When a request is answered: at once (its row is journaled within 50 ms), after the commit, or unrecorded."""

    FAST = "fast"
    DURABLE = "durable"
    OFF = "off"


class PredictorFailed(WatchkeeperError):
    """The model raised, or gave something that is no answer."""

    status = 500


class InferHandler:
    """Answers infer requests. `clock_us` gives Unix microseconds; `pool` runs models that are slow."""

    def __init__(
        self,
        *,
        buffer: CaptureBuffer,
        recorder: Recorder,
        minter: PredictionIdMinter,
        clock_us: Callable[[], int],
        pool: Executor,
        limits: Limits,
        mode: CaptureMode,
    ) -> None:
        self._put, self._hurry = buffer.put, recorder.hurry
        self._mint, self._clock, self._pool, self._limits = minter.mint, clock_us, pool, limits
        self._off, self._durable = mode is CaptureMode.OFF, mode is CaptureMode.DURABLE

    async def infer(self, served: ServedVersion, body: bytes, event_time: str | None, started_ns: int) -> Reply:
        """The answer to `body`. `event_time` is the header's; `started_ns` the perf counter when the request came."""
        received = self._clock()
        prediction_id = self._mint(received // 1000)
        request: InferRequest | None = None
        rows: Rows | None = None
        outputs: Outputs | None = None
        n, fault = 1, None
        times: int | list[int] = received
        try:
            request = decode_request(body)
            _check_request(request, served, self._limits)
            n, times, rows = self._read(served, request, event_time, received)
            outputs = await self._predict(served, rows, n, prediction_id)
            reply = Reply(200, infer_body(served, request, outputs, n, prediction_id), prediction_id)
        except WatchkeeperError as error:
            fault = str(error)[:500]
            reply = error_reply(error, prediction_id)
        if self._off:
            return reply
        latency = (perf_counter_ns() - started_ns) // 1000
        done = asyncio.get_running_loop().create_future() if self._durable else None
        size = len(body) + _OVERHEAD
        item = Captured(
            served,
            n,
            rows,
            outputs,
            prediction_id,
            _id(request),
            times,
            received,
            reply.status,
            fault,
            latency,
            size,
            done,
        )
        if done is not None:
            return await self._committed(reply, item, done)
        self._put(item)
        return reply

    def _read(
        self, served: ServedVersion, request: InferRequest, event_time: str | None, received: int
    ) -> tuple[int, int | list[int], Rows]:
        n, rows = served.reader.read(request.inputs)
        if event_time is None and request.parameters is None:
            return n, received, rows
        return n, _event_times(request.parameters, event_time, n, received), rows

    async def _predict(self, served: ServedVersion, rows: Rows, count: int, prediction_id: str) -> Outputs:
        pace, predict = served.pace, served.predictor.predict
        try:
            if pace.inline[count.bit_length()]:
                outputs, seconds = _timed(predict, rows)
            else:
                loop = asyncio.get_running_loop()
                outputs, seconds = await loop.run_in_executor(self._pool, _timed, predict, rows)
        except Exception as error:
            raise _model_error(served, rows, prediction_id, error) from error
        pace.record(count, seconds)
        for array in outputs:
            if len(array) != count:
                raise PredictorFailed(f"Model {served.model!r} gave {len(array)} answers for {count} rows.")
        return outputs

    async def _committed(self, reply: Reply, item: Captured, done: asyncio.Future[None]) -> Reply:
        if not self._put(item):
            full = Unavailable("The prediction could not be recorded: the capture buffer is full.", hint="Try again.")
            return error_reply(full, reply.prediction_id)
        self._hurry()
        try:
            await done
        except Unavailable as error:
            return error_reply(error, reply.prediction_id)
        return reply


def _timed(predict: Callable[[Rows], Outputs], rows: Rows) -> tuple[Outputs, float]:
    start = perf_counter_ns()
    outputs = predict(rows)
    return outputs, (perf_counter_ns() - start) / 1e9


def _id(request: InferRequest | None) -> str | None:
    return request.id[:256] if request is not None and request.id is not None else None


def _check_request(request: InferRequest, served: ServedVersion, limits: Limits) -> None:
    if request.id is not None and len(request.id) > limits.id_chars:
        raise BadInput(f"The request's id has {len(request.id)} characters.", hint=f"Use at most {limits.id_chars}.")
    if request.outputs:
        for wanted in request.outputs:
            if wanted.name not in served.output_names:
                raise BadInput(
                    f"Output {shown(wanted.name)} does not exist.",
                    hint=f"The model gives {', '.join(served.output_names)}.",
                )


def _event_times(parameters: dict[str, Any] | None, header: str | None, rows: int, received: int) -> int | list[int]:
    """Unix microseconds: the body's `parameters.event_time` (one, or one a row) before the header before now."""
    value = parameters.get("event_time") if parameters is not None else None
    if value is None:
        return received if header is None else event_micros(header, "Header Event-Time")
    if not isinstance(value, list):
        return event_micros(value, "parameters.event_time")
    if len(value) != rows:
        raise BadInput(
            f"parameters.event_time has {len(value)} times for {rows} rows.", hint="Send one time, or one a row."
        )
    return [event_micros(item, f"parameters.event_time[{index}]") for index, item in enumerate(value)]


def _model_error(served: ServedVersion, rows: Rows, prediction_id: str, error: Exception) -> WatchkeeperError:
    """What to answer when the model raised: 400 where a missing value is the likely reason, 500 otherwise."""
    if isinstance(error, BadInput):
        return error
    kind = type(error).__name__
    missing = _missing_feature(served, rows)
    if missing is not None:
        return BadInput(
            f"Model {served.model!r} cannot predict with {missing!r} missing (it raised {kind}).",
            hint="Send a value, or put an imputer into the model.",
        )
    _log.error("Model %s version %s raised %s (prediction %s)", served.model, served.version, kind, prediction_id)
    return PredictorFailed(f"Model {served.model!r} failed with {kind} (prediction ID {prediction_id}).")


def _missing_feature(served: ServedVersion, rows: Rows) -> str | None:
    """The first feature that has a missing value."""
    for index, feature in enumerate(served.schema.features):
        column = rows[:, index] if isinstance(rows, np.ndarray) else rows[feature.name]
        if any(value is None or (isinstance(value, float) and math.isnan(value)) for value in column.tolist()):
            return feature.name
    return None
