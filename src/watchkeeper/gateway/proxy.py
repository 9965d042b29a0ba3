"""Everything outside /v2 is passed on to the console process over its Unix socket, so one port shows everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from watchkeeper.gateway.body import Receive

HOP_BY_HOP = frozenset(
    name.encode()
    for name in [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    ]
)
"""Headers that belong to one connection (RFC 9110, section 7.6.1), and Expect, which is answered here."""

_MAX_BODY = 64 << 20
_DOWN = b'{"error":"The console is not running. Start it with `watchkeeper up` or `watchkeeper console`."}'
_SLOW = b'{"error":"The console did not answer in time. Its log may say why."}'
_LARGE = b'{"error":"The body is larger than 64 MiB. Send less at once."}'


class ConsoleProxy:
    """An ASGI app that forwards requests to the Unix socket `path`. 503 when nobody listens, 504 when it is slow."""

    def __init__(self, path: Path, *, seconds: float = 60.0) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=str(path), limits=httpx.Limits(max_connections=32, max_keepalive_connections=8)
            ),
            timeout=httpx.Timeout(seconds, connect=2.0),
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._client.aclose()

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        """ASGI: forward one request and stream its answer."""
        started = False
        try:
            response = await self._client.send(self._request(scope, receive), stream=True)
            try:
                await send(_start(response))
                started = True
                async for chunk in response.aiter_raw():
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                await response.aclose()
        except _BodyTooLarge:
            await _refuse(send, 413, _LARGE)
        except httpx.TimeoutException:
            if started:
                raise
            await _refuse(send, 504, _SLOW)
        except httpx.TransportError:
            if started:
                raise
            await _refuse(send, 503, _DOWN)

    def _request(self, scope: Any, receive: Receive) -> httpx.Request:
        headers = [(name, value) for name, value in scope["headers"] if name not in HOP_BY_HOP]
        if scope.get("client"):
            headers.append((b"x-forwarded-for", scope["client"][0].encode()))
        raw_path = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        url = httpx.URL("http://console").copy_with(raw_path=raw_path + (b"?" + query if query else b""))
        if not any(name == b"host" for name, _ in headers):
            headers.append((b"host", b"console"))
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        content = _body(receive) if has_body else None
        return self._client.build_request(scope["method"], url, headers=headers, content=content)


class _BodyTooLarge(Exception):
    pass


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    total = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise httpx.ReadError("the client went away")
        chunk = message.get("body", b"")
        total += len(chunk)
        if total > _MAX_BODY:
            raise _BodyTooLarge
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            return


def _start(response: httpx.Response) -> dict[str, Any]:
    headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in HOP_BY_HOP]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


async def _refuse(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), (b"retry-after", b"1")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
