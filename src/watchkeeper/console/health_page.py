"""Whether Watchkeeper itself is well."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.context import Context
from watchkeeper.api.health import dead_letters, health
from watchkeeper.console.rendering import respond


def health_page(context: Context, request: Request) -> Response:
    """Processes, what waits, what was lost."""
    return respond(
        context, request, "health.html", nav="health", health=health(context), dead_letters=dead_letters(context)
    )
