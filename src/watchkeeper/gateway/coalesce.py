"""uvicorn's HTTP with two changes: one system call a response, and errors as JSON.

uvicorn writes them apart, and each write is a `send` of about 15 µs, a quarter of a request's cost. Here the head waits
for the body, or for the end of the loop's turn, whichever comes first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_STATUS_LINE = b"HTTP/1."


class CoalescingTransport:
    """A transport that joins a response's head to what is written next. Everything else is the transport's own."""

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write now what belongs to a head that waits; let a new head wait."""
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head + data)
        elif data.startswith(_STATUS_LINE):
            self._head = data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write the head that waits, if there is one: its body takes longer, or there is none."""
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head)

    def close(self) -> None:
        """Write what waits, then close."""
        self.flush()
        self._transport.close()


class CoalescingProtocol(HttpToolsProtocol):
    """uvicorn's protocol over a CoalescingTransport; what is no HTTP is told so in the protocol's own form."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(CoalescingTransport(transport, self.loop))  # type: ignore[arg-type]

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn calls it with its own text
        body = b'{"error":"This is not valid HTTP/1.1. Use an HTTP library, and percent-encode the path."}'
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body))
        self.transport.close()
