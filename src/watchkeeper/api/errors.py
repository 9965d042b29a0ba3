"""Every failure is `{"error": "what was wrong, where, what to do"}`; an unexpected one carries an id for the log."""

from __future__ import annotations

import logging
import secrets

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from watchkeeper.api.encoding import Json
from watchkeeper.events.errors import WatchkeeperError

LOG = logging.getLogger("watchkeeper.api")
_HINTS = {
    404: "See /api/v1/openapi.json for the paths there are.",
    405: "See the `allow` header for the methods there are.",
}


def install(app: FastAPI) -> None:
    """Answer every failure of `app` in the one form."""
    for kind in (WatchkeeperError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _failed)


def describe(error: Exception) -> tuple[int, str]:
    """The status and the words of a failure. One that we did not foresee is logged, and shown only by its id."""
    if isinstance(error, WatchkeeperError):
        return error.status, str(error)
    if isinstance(error, RequestValidationError):
        return 400, "; ".join(_fault(fault) for fault in error.errors()[:5])
    if isinstance(error, HTTPException):
        return error.status_code, f"{error.detail}. {_HINTS.get(error.status_code, '')}".strip()
    number = secrets.token_hex(4)
    LOG.error("unexpected error %s", number, exc_info=error)
    return 500, f"Something went wrong that should not have. The console's log has it under {number}."


def _answer(error: Exception) -> Response:
    status, text = describe(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return Json({"error": text}, status_code=status, headers=headers)


def _failed(_: Request, error: Exception) -> Response:
    return _answer(error)


def _fault(fault: dict[str, object]) -> str:
    place = fault.get("loc")
    names = [str(part) for part in place[1:]] if isinstance(place, tuple | list) else []
    return f"{'.'.join(names) or 'body'}: {fault.get('msg')}"
