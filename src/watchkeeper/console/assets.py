"""Style sheets and scripts, served from the package under names that carry their digest, so they may be kept."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from watchkeeper.report.page import asset, plotly_js, theme_css

FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file, whole in memory."""

    name: str
    media_type: str
    content: bytes

    @cached_property
    def path(self) -> str:
        """Where it is served: the digest is part of the path, so a changed file has another one."""
        return f"/static/{hashlib.sha256(self.content).hexdigest()[:16]}/{self.name}"

    @cached_property
    def packed(self) -> bytes:
        """The content gzipped, once."""
        return gzip.compress(self.content, 6, mtime=0)


@cache
def assets() -> dict[str, Asset]:
    """Every asset by name."""
    css = theme_css() + asset("base.css") + _own("console.css")
    made = [
        Asset("console.css", "text/css", css.encode()),
        Asset("theme.js", "text/javascript", asset("theme.js").encode()),
        Asset("figures.js", "text/javascript", asset("figures.js").encode()),
        Asset("console.js", "text/javascript", _own("console.js").encode()),
        Asset("plotly.js", "text/javascript", plotly_js().encode()),
        Asset("icon.svg", "image/svg+xml", _own("icon.svg").encode()),
    ]
    return {one.name: one for one in made}


def serve(request: Request) -> Response:
    """The asset at this path."""
    found = assets().get(request.path_params["name"])
    if found is None or found.path != request.url.path:
        return PlainTextResponse("There is no such asset.", status_code=404)
    headers = {"cache-control": FOREVER, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, media_type=found.media_type, headers=headers | {"content-encoding": "gzip"})
    return Response(found.content, media_type=found.media_type, headers=headers)


def _own(name: str) -> str:
    return (files("watchkeeper.console") / "static" / name).read_text(encoding="utf-8")
