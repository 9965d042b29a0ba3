"""The gateway as an ASGI callable: HTTP in, HTTP out, no framework.

Known infer paths are one dictionary look-up; everything else under /v2 takes the slow road through `routes`; whatever
is not under /v2 goes to the console process.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter_ns
from typing import Any, Protocol, TypeAlias

from watchkeeper.events.errors import NotFound, Unavailable, WatchkeeperError
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.gateway import routes
from watchkeeper.gateway.body import BodyReader, Disconnected, Headers, Receive, body_headers
from watchkeeper.gateway.capture import CaptureBuffer
from watchkeeper.gateway.catalogue import Catalogue, ServedModel, ServedVersion
from watchkeeper.gateway.infer import CaptureMode, InferHandler
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.recorder import Recorder
from watchkeeper.gateway.reply import Reply, error_reply, json_reply
from watchkeeper.gateway.stats import Counts, report
from watchkeeper.journal.protocol import Journal
from watchkeeper.schema.truth import Truth

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
_JSON = (b"content-type", b"application/json")
_log = logging.getLogger(__name__)


class Feedback(Protocol):
    """Takes the body of `POST /v2/models/M/feedback`; answers once it is durable. Raises WatchkeeperError otherwise."""

    def __call__(self, model: str, body: bytes, headers: Headers, truth: Truth | None) -> Awaitable[bytes]:
        """The JSON of the acknowledgement; `truth` says what labels the model takes, None where that is not known."""
        ...


class Gateway:
    """The data plane of one process. Make it, `publish` a catalogue, serve it, `close` it.

    `feedback` takes feedback bodies, `console` is the ASGI app for every path outside /v2; both may be left out.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        pepper: bytes,
        limits: Limits | None = None,
        mode: CaptureMode = CaptureMode.FAST,
        feedback: Feedback | None = None,
        console: App | None = None,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        threads: int | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._catalogue: Catalogue | None = None
        self._infer_paths: dict[str, ServedVersion] = {}
        self._feedback, self._console = feedback, console
        self._counts = Counts()
        self._buffer = CaptureBuffer(self.limits.buffer_rows, self.limits.buffer_bytes)
        self._recorder = Recorder(self._buffer, journal, pepper)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 2, thread_name_prefix="predict")
        self._bodies = BodyReader(self.limits.body_bytes, self.limits.body_seconds)
        self._handler = InferHandler(
            buffer=self._buffer,
            recorder=self._recorder,
            minter=PredictionIdMinter(os.urandom),
            clock_us=clock_us,
            pool=self._pool,
            limits=self.limits,
            mode=mode,
        )

    def start(self) -> None:
        """Begin recording."""
        self._recorder.start()

    def publish(self, catalogue: Catalogue) -> None:
        """Serve this catalogue from the next request on; requests under way keep the one they began with."""
        self._infer_paths = routes.infer_paths(catalogue)
        self._catalogue = catalogue

    @property
    def catalogue(self) -> Catalogue | None:
        """What is served now; None before the first `publish`."""
        return self._catalogue

    def stats(self) -> dict[str, Any]:
        """Numbers for the heartbeat; see `stats.report`."""
        return report(self._counts, self._buffer, self._recorder)

    def close(self, timeout: float = 10.0) -> None:
        """Journal what is captured, for at most `timeout` seconds, and let the threads go."""
        self._recorder.close(timeout)
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._not_http(scope, receive, send)
            return
        path: str = scope["path"]
        served = self._infer_paths.get(path)
        if served is not None and scope["method"] == "POST":
            await self._infer(served, scope, receive, send)
        elif path == "/v2" or path.startswith("/v2/"):
            await self._answer(scope, receive, send, path)
        elif self._console is not None:
            self._counts.proxied += 1
            await self._console(scope, receive, send)
        else:
            await _send(send, error_reply(NotFound("There is nothing at this path.", hint="The protocol is at /v2.")))

    async def _infer(self, served: ServedVersion, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter_ns()
        counts = self._counts
        counts.received += 1
        counts.in_flight += 1
        try:
            if counts.in_flight > self.limits.in_flight:
                raise Unavailable("Too many requests are under way.", hint="Try again in a second.")
            length, event_time = body_headers(scope["headers"], self.limits.header_bytes)
            body = await self._bodies.read(receive, length)
            reply = await self._handler.infer(served, body, event_time, started)
        except WatchkeeperError as error:
            reply = error_reply(error)
        except Disconnected:
            return
        except Exception:  # noqa: BLE001 - a fault of ours: the traceback goes to the log, never to the client
            _log.exception("A request to %s failed inside the gateway", served.model)
            reply = json_reply(500, {"error": "The gateway failed on this request; its log says why."})
        finally:
            counts.in_flight -= 1
        counts.answered[reply.status] += 1
        await _send(send, reply)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        try:
            model = self._feedback_model(scope["method"], path)
            if model is not None and self._feedback is not None:
                length, _ = body_headers(scope["headers"], self.limits.header_bytes)
                body = await self._bodies.read(receive, length)
                reply = Reply(200, await self._feedback(model.name, body, scope["headers"], model.truth()))
            else:
                reply = routes.answer(self._catalogue, scope["method"], path)
        except WatchkeeperError as error:
            self._counts.unknown += 1
            reply = error_reply(error)
        except Disconnected:
            return
        except Exception:  # noqa: BLE001 - as in _infer
            _log.exception("A request to %s failed inside the gateway", path[:200])
            reply = json_reply(500, {"error": "The gateway failed on this request; its log says why."})
        await _send(send, reply)

    def _feedback_model(self, method: str, path: str) -> ServedModel | None:
        """The model whose feedback path this is, if it is one and the model exists."""
        parts = path.rstrip("/").split("/")
        if method != "POST" or len(parts) != 5 or parts[4] != "feedback" or parts[2] != "models":
            return None
        return routes.find_model(self._catalogue or Catalogue(), parts[3])

    async def _not_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})
            return
        while scope["type"] == "lifespan":
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _send(send: Send, reply: Reply) -> None:
    headers = [_JSON, (b"content-length", b"%d" % len(reply.body))]
    if reply.prediction_id is not None:
        headers.append((b"prediction-id", reply.prediction_id.encode()))
    if reply.allow is not None:
        headers.append((b"allow", reply.allow.encode()))
    if reply.status in (408, 429, 503):
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
