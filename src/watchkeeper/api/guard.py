"""Who may ask: browsers on this machine's own pages, and programs.

There is no login yet, and the server listens on loopback only. Two attacks reach a loopback server through a browser:
another site's name made to point here (so the Host must be ours), and another site's page that posts here (so a request
that changes something must come from our own pages, by Origin and Sec-Fetch-Site, which a page cannot forge).
Programs send neither header and pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from watchkeeper.api.encoding import Json

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_READS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Lets through what may pass; answers 403 to the rest."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = LOOPBACK) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            fault = self.fault(scope["method"], Headers(scope=scope))
            if fault:
                await Json({"error": fault}, status_code=403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def fault(self, method: str, headers: Headers) -> str:
        """Why a request may not pass; empty if it may."""
        host = headers.get("host", "")
        if host and _name(host) not in self._hosts:
            return f"The host {host[:80]!r} is not this server's. Open it as http://127.0.0.1 or http://localhost."
        if method in _READS:
            return ""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site not in (None, "same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
            return "Another site's page asked for this change. Make it from Watchkeeper's own pages or by a program."
        return ""


def _name(host: str) -> str:
    """The host without its port and brackets, in small letters."""
    return (urlsplit(f"//{host}").hostname or "").lower() if host.count("[") <= 1 and "\\" not in host else ""
