import asyncio

import pytest

from tests.unit.demo.fake_server import serving
from watchkeeper.demo.wire import Pool, parse_head
from watchkeeper.events.errors import Unavailable


def test_parse_head_reads_status_and_length() -> None:
    assert parse_head(b"HTTP/1.1 201 Created\r\nX: y\r\nContent-LENGTH: 17\r\n\r\n") == (201, 17)


def test_parse_head_refuses_a_body_of_unknown_length() -> None:
    with pytest.raises(Unavailable, match="Content-Length"):
        parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_pool_shares_its_connections() -> None:
    async def scenario() -> int:
        async with serving() as (fake, port), Pool("127.0.0.1", port, 2) as pool:
            await asyncio.gather(*(pool.post("/x", b"{}") for _ in range(20)))
            return len(fake.requests)

    assert asyncio.run(scenario()) == 20


def test_refusal_is_told_in_the_servers_words() -> None:
    async def scenario() -> None:
        async with serving() as (fake, port), Pool("127.0.0.1", port, 1) as pool:
            fake.refuse = True
            await pool.post("/x", b"{}")

    with pytest.raises(Unavailable, match=r"503.*full"):
        asyncio.run(scenario())
