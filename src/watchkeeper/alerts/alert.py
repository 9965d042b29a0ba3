"""The record of an alert: everything that a person needs to act, and all that is needed to carry on after a restart."""

from __future__ import annotations

import hashlib

import msgspec

from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.course import Track
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Statement

EVERYTHING = "*"
"""The subject of an alert on a broken source: several columns at once."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How big: the effect in its unit with its 95 % interval, the floor it had to pass, and the rows on either side."""

    detector: str
    effect: float | None
    effect_name: str
    effect_low: float | None = None
    effect_high: float | None = None
    floor: float | None = None
    p_value: float | None = None
    n: int
    n_reference: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One cause in one version of a model, followed over time. Times are Unix seconds of event time, windows by start.

    `onset` is the start of the window in which it began, `detected` the end of the window that made it fire,
    `updated` the end of the newest window weighed, `ended` the end of the window that cleared it. `consequences` names
    outputs that changed with a broken input. `told` lists the notices already given, each at most once. `revised` says
    that late rows or labels changed what an earlier window had said.
    """

    id: str
    fingerprint: str
    model: str
    version: str
    cause: Cause
    subject: str
    columns: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    statement: Statement | None = None
    severity: Severity
    state: State
    onset: int
    detected: int | None = None
    updated: int
    ended: int | None = None
    ended_window: int | None = None
    size: Size | None = None
    worst: Size | None = None
    title: str = ""
    summary: str = ""
    next_step: str = ""
    revised: bool = False
    told: tuple[str, ...] = ()
    track: Track = Track()

    def to_json(self) -> bytes:
        """The alert as canonical JSON, for the store."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_json(cls, text: bytes | str) -> Alert:
        """The alert that `to_json` wrote."""
        return msgspec.json.decode(text, type=cls)


def fingerprint(model: str, version: str, cause: Cause, subject: str) -> str:
    """The identity of a cause: 16 hex digits. The same cause has the same fingerprint each time it comes back."""
    return _digest(model, version, cause.value, subject)


def alert_id(fingerprint_: str, onset: int) -> str:
    """The identity of one episode of a cause; derived, so that a replay names it the same."""
    return _digest(fingerprint_, str(onset))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
