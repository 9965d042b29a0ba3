from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from watchkeeper.events.errors import BadInput, TooLarge, WatchkeeperError
from watchkeeper.gateway import body as body_module
from watchkeeper.gateway.body import BodyReader, Disconnected, TooSlow, body_headers


def receiving(
    chunks: Sequence[bytes], *, cut: bool = False, stall: bool = False
) -> tuple[Callable[[], Any], list[int]]:
    """A receive callable that gives these chunks, then a disconnect or silence; and how many it has given."""
    left = list(chunks)
    given = [0]

    async def receive() -> Any:
        if left:
            given[0] += 1
            chunk = left.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(left) or cut or stall}
        if cut:
            return {"type": "http.disconnect"}
        return await asyncio.Event().wait()

    return receive, given


def read(chunks: Sequence[bytes], *, length: int = -1, limit: int = 10, **how: bool) -> bytes:
    return asyncio.run(BodyReader(limit, 30).read(receiving(chunks, **how)[0], length))


def test_a_body_is_read_whole() -> None:
    assert read([b"abc"]) == b"abc"
    assert read([b"abc", b"", b"def"], length=6) == b"abcdef"
    assert read([b""]) == b""


@pytest.mark.parametrize("chunks", [[b"x" * 11], [b"x" * 6, b"x" * 6], [b"x" * 6, b"x" * 6, b"x" * 6]])
def test_a_body_beyond_the_limit_is_refused(chunks: list[bytes]) -> None:
    with pytest.raises(TooLarge, match="larger than 10 bytes"):
        read(chunks)


def test_a_declared_length_beyond_the_limit_is_refused_unread_but_drained_within_bounds() -> None:
    receive, given = receiving([b"x" * 6] * 100)
    with pytest.raises(TooLarge):
        asyncio.run(BodyReader(10, 30).read(receive, 600))
    assert given[0] == 14, "8 times the limit is drained, no more"


def test_a_client_that_goes_away_is_not_answered() -> None:
    with pytest.raises(Disconnected):
        read([b"abc"], cut=True)
    with pytest.raises(Disconnected):
        read([], cut=True)


def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "_SWEEP_SECONDS", 0.01)

    async def scenario() -> bytes:
        reader = BodyReader(10, 0.02)
        receive, _ = receiving([b"abc"], stall=True)
        with pytest.raises(TooSlow, match=r"within 0\.02 seconds"):
            await reader.read(receive, 6)
        return await reader.read(receiving([b"next"])[0], 4)

    assert asyncio.run(scenario()) == b"next"


def test_a_cancelled_request_stays_cancelled() -> None:
    async def scenario() -> None:
        task = asyncio.ensure_future(BodyReader(10, 30).read(receiving([b"a"], stall=True)[0], 6))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(scenario())


def test_headers_give_length_and_event_time() -> None:
    headers = [(b"content-length", b"12"), (b"event-time", b"2013-01-01"), (b"content-encoding", b"identity")]
    assert body_headers(headers, 1000) == (12, "2013-01-01")
    assert body_headers([], 1000) == (-1, None)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ((b"content-encoding", b"gzip"), 415),
        ((b"content-encoding", b"br"), 415),
        ((b"inference-header-content-length", b"10"), 415),
        ((b"x", b"y" * 2000), 431),
    ],
)
def test_headers_that_cannot_be_served(header: tuple[bytes, bytes], status: int) -> None:
    with pytest.raises(WatchkeeperError) as caught:
        body_headers([header], 1000)
    assert caught.value.status == status


@pytest.mark.parametrize("value", [b"", b"-1", b"1e3", b"9" * 19, "٣".encode()])
def test_a_length_that_is_no_number(value: bytes) -> None:
    with pytest.raises(BadInput, match="Content-Length"):
        body_headers([(b"content-length", value)], 1000)
