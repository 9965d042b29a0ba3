from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.helpers.serving import Answer, call
from watchkeeper.gateway.proxy import HOP_BY_HOP, ConsoleProxy

Scenario = Callable[[ConsoleProxy], Awaitable[Answer]]


async def behind(socket: Path, answer: bytes, scenario: Scenario, *, seconds: float = 5.0) -> tuple[Answer, bytes]:
    """Run `scenario` against a proxy before a server that says `answer`; what came back, and what the server saw."""
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.extend(head)
        if b"transfer-encoding: chunked" in head.lower():
            seen.extend(await reader.readuntil(b"0\r\n\r\n"))
        elif b"content-length" in head.lower():
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            seen.extend(await reader.readexactly(length))
        if answer:
            writer.write(answer)
            writer.close()
        else:
            await reader.read()
            writer.close()

    server = await asyncio.start_unix_server(serve, str(socket))
    proxy = ConsoleProxy(socket, seconds=seconds)
    try:
        return await scenario(proxy), bytes(seen)
    finally:
        await proxy.close()
        server.close()
        await server.wait_closed()


def test_a_page_comes_through_with_its_own_headers(tmp_path: Path) -> None:
    page = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nX-Own: 1\r\nSet-Cookie: a=1\r\n"
        b"Content-Length: 4\r\n\r\npage"
    )
    headers = [("Host", "example.org"), ("Connection", "keep-alive"), ("Accept", "text/html"), ("TE", "trailers")]
    answer, seen = asyncio.run(
        behind(tmp_path / "s", page, lambda proxy: call(proxy, "GET", "/models/m", headers=headers))
    )
    assert (answer.status, answer.body) == (200, b"page")
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["x-own"] == "1"
    assert "connection" not in answer.headers
    assert seen.startswith(b"GET /models/m HTTP/1.1\r\n")
    assert b"example.org" in seen
    assert b"x-forwarded-for: 127.0.0.1" in seen.lower()
    assert b"trailers" not in seen


def test_a_body_is_passed_on(tmp_path: Path) -> None:
    created = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    answer, seen = asyncio.run(
        behind(
            tmp_path / "s",
            created,
            lambda proxy: call(proxy, "POST", "/api/v1/x", [b"ab", b"cd"], [("Content-Length", "4")]),
        )
    )
    assert answer.status == 201
    assert b"abcd" in seen.replace(b"\r\n2\r\n", b"")


def test_errors_of_the_console_are_its_own(tmp_path: Path) -> None:
    wrong = b'HTTP/1.1 404 Not Found\r\nContent-Length: 15\r\n\r\n{"error":"none"}'[:-1]
    answer, _ = asyncio.run(behind(tmp_path / "s", wrong, lambda proxy: call(proxy, "GET", "/none")))
    assert answer.status == 404


def test_a_console_that_is_down_is_a_503_that_says_how_to_start_it(tmp_path: Path) -> None:
    async def scenario() -> Answer:
        proxy = ConsoleProxy(tmp_path / "nobody")
        try:
            return await call(proxy, "GET", "/")
        finally:
            await proxy.close()

    answer = asyncio.run(scenario())
    assert answer.status == 503
    assert "watchkeeper console" in answer.json()["error"]


def test_a_console_that_hangs_is_a_504(tmp_path: Path) -> None:
    answer, _ = asyncio.run(behind(tmp_path / "s", b"", lambda proxy: call(proxy, "GET", "/"), seconds=0.05))
    assert answer.status == 504


def test_a_console_that_dies_before_it_answers_is_a_503(tmp_path: Path) -> None:
    answer, _ = asyncio.run(behind(tmp_path / "s", b"\r\n", lambda proxy: call(proxy, "GET", "/")))
    assert answer.status == 503


@pytest.mark.parametrize("name", [b"connection", b"transfer-encoding", b"upgrade"])
def test_headers_of_one_connection_are_known(name: bytes) -> None:
    assert name in HOP_BY_HOP
