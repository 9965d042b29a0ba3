"""A server that speaks just enough HTTP/1.1 and V2 for the replay, and keeps what it was sent in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec


class FakeServer:
    """Answers inferences with prediction IDs p1, p2 …; `refuse` makes it answer 503."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.refuse = False

    def of(self, ending: str) -> list[dict[str, Any]]:
        """Bodies sent to paths with this ending."""
        return [body for path, body in self.requests if path.endswith(ending)]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().split("content-length:")[1].split("\r\n")[0])
                body = msgspec.json.decode(await reader.readexactly(length))
                self.requests.append((head.split(" ")[1], body))
                writer.write(self.answer())
        except asyncio.IncompleteReadError:
            writer.close()

    def answer(self) -> bytes:
        status = "503 Service Unavailable" if self.refuse else "200 OK"
        body = b'{"error":"full"}' if self.refuse else b'{"parameters":{"prediction_id":"p%d"}}' % len(self.requests)
        return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[FakeServer, int]]:
    """A fake server on a free port of the loopback."""
    fake = FakeServer()
    server = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    async with server:
        yield fake, server.sockets[0].getsockname()[1]
