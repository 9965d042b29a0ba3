"""The console as one ASGI application: pages, the API under /api/v1, /metrics, and the package's own assets."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from watchkeeper.api.app import PREFIX, api_app
from watchkeeper.api.context import Context
from watchkeeper.api.encoding import Json
from watchkeeper.api.errors import describe
from watchkeeper.api.guard import LOOPBACK, Guard
from watchkeeper.api.metrics import render
from watchkeeper.console import (
    alerts_page,
    assets,
    health_page,
    labels_page,
    model_page,
    overview,
    performance_page,
    records_page,
    versions_page,
)
from watchkeeper.console.rendering import respond
from watchkeeper.console.security import SecurityHeaders
from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.journal.protocol import Journal
from watchkeeper.store.store import Store

Page = Callable[[Context, Request], Response | Awaitable[Response]]
PAGES: tuple[tuple[str, Page, str], ...] = (
    ("/", overview.overview, "GET"),
    ("/models/{model}", model_page.model_page, "GET"),
    ("/models/{model}/performance", performance_page.performance_page, "GET"),
    ("/models/{model}/versions", versions_page.versions_page, "GET"),
    ("/models/{model}/labels", labels_page.labels_page, "GET"),
    ("/models/{model}/labels/{prediction_id}", labels_page.answer_request, "POST"),
    ("/models/{model}/records", records_page.records_page, "GET"),
    ("/models/{model}/records/{prediction_id}", records_page.record_page, "GET"),
    ("/alerts", alerts_page.alerts_page, "GET"),
    ("/alerts/{alert_id}", alerts_page.alert_page, "GET"),
    ("/alerts/{alert_id}/acknowledge", alerts_page.acknowledge, "POST"),
    ("/health", health_page.health_page, "GET"),
)


def console_app(
    store: Store,
    *,
    journal: Journal | None = None,
    now: Callable[[], float] = time.time,
    hosts: Iterable[str] = LOOPBACK,
) -> Starlette:
    """Everything that the console process serves.

    `journal` is only asked how much waits in it. `hosts` are the names under which browsers may reach this server;
    requests that name another are refused.
    """
    context = Context(store, now=now, journal=journal)
    routes: list[Route | Mount] = [_route(context, path, page, method) for path, page, method in PAGES]
    routes += [
        Route("/static/{digest}/{name}", assets.serve, methods=["GET"]),
        Route("/metrics", lambda _: render(context), methods=["GET"]),
        Mount(PREFIX, app=api_app(context)),
    ]
    failures: dict[Any, Any] = {kind: _failing(context) for kind in (WatchkeeperError, HTTPException, Exception)}
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders), Middleware(Guard, hosts=tuple(hosts))],
        exception_handlers=failures,
    )


def _route(context: Context, path: str, page: Page, method: str) -> Route:
    """A page at a path. Pages that do not await run in a thread, as the store's calls block."""

    async def endpoint(request: Request) -> Response:
        if inspect.iscoroutinefunction(page):
            answer: Response = await page(context, request)
            return answer
        return await run_in_threadpool(page, context, request)  # type: ignore[arg-type]

    return Route(path, endpoint, methods=[method])


def _failing(context: Context) -> Callable[[Request, Exception], Response]:
    """A page that says what went wrong; plain JSON for programs, and where even the page cannot be made."""

    def failed(request: Request, error: Exception) -> Response:
        status, text = describe(error)
        if "text/html" not in request.headers.get("accept", ""):
            return Json({"error": text}, status_code=status)
        try:
            return respond(context, request, "error.html", status=status, text=text, code=status)
        except Exception:  # noqa: BLE001 - whatever broke the page may break this one: the words alone then
            return Response(f"{text}\n", status_code=status, media_type="text/plain")

    return failed
