from __future__ import annotations

import asyncio

from watchkeeper.gateway.coalesce import CoalescingTransport

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class FakeTransport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def turn() -> None:
    await asyncio.sleep(0)


def test_head_and_body_are_one_write() -> None:
    async def scenario() -> None:
        fake = FakeTransport()
        transport = CoalescingTransport(fake, asyncio.get_running_loop())
        for _ in range(2):
            transport.write(HEAD)
            transport.write(b"body")
        await turn()
        assert fake.written == [HEAD + b"body"] * 2

    asyncio.run(scenario())


def test_a_head_alone_goes_at_the_end_of_the_turn() -> None:
    async def scenario() -> None:
        fake = FakeTransport()
        transport = CoalescingTransport(fake, asyncio.get_running_loop())
        transport.write(HEAD)
        assert fake.written == []
        await turn()
        assert fake.written == [HEAD]
        transport.write(b"later")
        assert fake.written == [HEAD, b"later"]

    asyncio.run(scenario())


def test_closing_writes_what_waits_and_the_rest_is_the_transport_s() -> None:
    async def scenario() -> None:
        fake = FakeTransport()
        transport = CoalescingTransport(fake, asyncio.get_running_loop())
        transport.write(HEAD)
        transport.close()
        assert (fake.written, fake.closed, transport.is_closing()) == ([HEAD], True, True)

    asyncio.run(scenario())
