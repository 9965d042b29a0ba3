"""Errors for people: what was wrong, where, and what to do. Each has one meaning at every edge (HTTP, CLI, Python)."""

from __future__ import annotations

from typing import ClassVar


class WatchkeeperError(Exception):
    """Base of every error that a user may see. `status` is its HTTP status; all end a command with exit code 2."""

    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class BadInput(WatchkeeperError):
    """The request, file or setting is wrong; the same input will fail again."""

    status = 400


class NotFound(WatchkeeperError):
    """The named thing does not exist here."""

    status = 404


class Conflict(WatchkeeperError):
    """The request contradicts what is already recorded; nothing was changed."""

    status = 409


class TooLarge(WatchkeeperError):
    """The input is beyond a stated limit."""

    status = 413


class Unavailable(WatchkeeperError):
    """The thing exists but cannot answer now; the same request may succeed later."""

    status = 503
