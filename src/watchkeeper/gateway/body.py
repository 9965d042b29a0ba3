"""The body of a request, bounded in bytes and in time before anything is parsed.

Time is watched by one sweep a second over the requests that are still sending, because a timer for each request would
cost more than reading it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, ClassVar

from watchkeeper.events.errors import BadInput, TooLarge, WatchkeeperError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers = Iterable[tuple[bytes, bytes]]
_SWEEP_SECONDS = 1.0
_DRAIN_FACTOR = 8


class UnsupportedEncoding(WatchkeeperError):
    """The body is encoded in a way that is not read here."""

    status: ClassVar[int] = 415


class TooSlow(WatchkeeperError):
    """The body did not arrive in time."""

    status: ClassVar[int] = 408


class HeadersTooLarge(WatchkeeperError):
    """The request's headers are beyond the limit."""

    status: ClassVar[int] = 431


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


class BodyReader:
    """Reads bodies within `max_bytes` and `seconds`."""

    def __init__(self, max_bytes: int, seconds: float) -> None:
        self._max_bytes, self._seconds = max_bytes, seconds
        self._deadlines: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()
        self._sweeping = False

    async def read(self, receive: Receive, length: int) -> bytes:
        """The whole body. `length` is what the headers declare, or -1.

        TooLarge and TooSlow tell the client; Disconnected means that it has gone.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None:
            raise RuntimeError("a body is read inside a task")
        self._deadlines[task] = loop.time() + self._seconds
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop)
        try:
            return await self._read(receive, length)
        except asyncio.CancelledError:
            if task not in self._overdue:
                raise
            task.uncancel()
            raise TooSlow(f"The body did not arrive within {self._seconds:g} seconds.", hint="Try again.") from None
        finally:
            del self._deadlines[task]
            self._overdue.discard(task)

    async def _read(self, receive: Receive, length: int) -> bytes:
        if length > self._max_bytes:
            await self._drain(receive)
            raise self._too_large()
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            if len(body) > self._max_bytes:
                raise self._too_large()
            return body
        return await self._read_on(receive, bytearray(body))

    async def _read_on(self, receive: Receive, body: bytearray) -> bytes:
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Disconnected
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                if message.get("more_body", False):
                    await self._drain(receive)
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    async def _drain(self, receive: Receive) -> None:
        """Read and forget the rest, up to a bound: a client that is still sending would not see the answer."""
        left = self._max_bytes * _DRAIN_FACTOR
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body", False):
                return

    def _too_large(self) -> TooLarge:
        return TooLarge(f"The body is larger than {self._max_bytes} bytes.", hint="Send the rows in several requests.")

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for task, deadline in list(self._deadlines.items()):
            if deadline < now:
                self._overdue.add(task)
                task.cancel()
        if self._deadlines:
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop)
        else:
            self._sweeping = False


def body_headers(headers: Headers, max_bytes: int) -> tuple[int, str | None]:
    """The declared length (-1 if none) and the Event-Time header. Raises what makes the body unreadable."""
    length, event_time, total = -1, None, 0
    for name, value in headers:
        total += len(name) + len(value)
        if name == b"content-length":
            length = _length(value)
        elif name == b"event-time":
            event_time = value.decode("latin-1")
        elif name == b"content-encoding" and value.lower() not in (b"", b"identity"):
            raise UnsupportedEncoding("Compressed bodies are not read here.", hint="Send the JSON as it is.")
        elif name == b"inference-header-content-length":
            raise UnsupportedEncoding("Binary tensors are not read here.", hint="Send the tensors' data as JSON.")
    if total > max_bytes:
        raise HeadersTooLarge(f"The headers have {total} bytes, more than {max_bytes}.", hint="Send fewer.")
    return length, event_time


def _length(value: bytes) -> int:
    if not value.isdigit() or len(value) > 18:
        raise BadInput("The Content-Length header is not a number of bytes.", hint="Leave it to the HTTP library.")
    return int(value)
