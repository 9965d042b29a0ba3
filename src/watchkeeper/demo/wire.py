"""A few keep-alive HTTP/1.1 connections to one server: all the replay needs, at a tenth of a full client's cost.

Requests carry JSON and a Content-Length; answers must carry a Content-Length too (the gateway's always do). One request
is on a connection at a time; `Pool.post` waits for a free one. Nothing is retried: the replay must know what was sent.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from watchkeeper.events.errors import Unavailable

_LIMIT = 16 * 1024 * 1024


class Connection:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one POST of JSON."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        status, length = parse_head(answer)
        return status, await self._reader.readexactly(length)

    async def close(self) -> None:
        """Close the socket."""
        self._writer.close()
        await self._writer.wait_closed()


class Pool:
    """`size` connections to one server, opened on entry."""

    def __init__(self, host: str, port: int, size: int) -> None:
        self._host, self._port, self._size = host, port, size
        self._free: asyncio.Queue[Connection] = asyncio.Queue()
        self._all: list[Connection] = []

    async def __aenter__(self) -> Self:
        for _ in range(self._size):
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LIMIT)
            connection = Connection(reader, writer, f"{self._host}:{self._port}")
            self._all.append(connection)
            self._free.put_nowait(connection)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._all:
            await connection.close()

    async def post(self, path: str, body: bytes) -> bytes:
        """The body of a 2xx answer. Raises Unavailable, in the server's words, for any other and for a lost line."""
        connection = await self._free.get()
        try:
            status, answer = await connection.post(path, body)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Unavailable(f"The server at port {self._port} broke off: {error}.") from error
        finally:
            self._free.put_nowait(connection)
        if not 200 <= status < 300:
            raise Unavailable(f"{path} answered {status}: {answer[:400].decode(errors='replace')}")
        return answer


def parse_head(head: bytes) -> tuple[int, int]:
    """Status and Content-Length of a response head. Raises Unavailable for anything else."""
    lines = head.split(b"\r\n")
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(lines[0].split(b" ", 2)[1]), int(value)
    raise Unavailable(f"A response without Content-Length: {head[:200]!r}.")
