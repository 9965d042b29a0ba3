"""Ask an ASGI application without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp


class Asker:
    """A client of `app` on a page of its own host. An error inside the app becomes its answer, as in production."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1:8080") -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._base = f"http://{host}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request."""
        return asyncio.run(self._ask(method, path, more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """One GET."""
        return self.ask("GET", path, **more)

    def page(self, path: str) -> httpx.Response:
        """One GET as a browser's."""
        return self.get(path, headers={"accept": "text/html"})

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self._base) as client:
            return await client.request(method, path, **more)
