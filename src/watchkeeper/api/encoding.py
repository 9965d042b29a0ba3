"""Answers: anything msgspec can encode, with NaN and infinities as null, so that every answer is JSON."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.responses import Response


class Json(Response):
    """A JSON answer of records, dataclasses and plain values."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


def answering(function: Callable[..., Any]) -> Callable[..., Json]:
    """`function` as an endpoint: the same parameters, its result as JSON."""

    @functools.wraps(function)
    def endpoint(**parameters: Any) -> Json:
        return Json(function(**parameters))

    return endpoint


def safe(value: float) -> float | None:
    """A float for an answer: None where there is no finite number."""
    number = float(value)
    return number if -float("inf") < number < float("inf") else None
