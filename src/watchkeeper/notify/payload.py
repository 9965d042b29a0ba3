"""What a receiver is sent: one JSON object, versioned, with everything a person needs to act."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from watchkeeper.alerts.advance import Notice
from watchkeeper.alerts.alert import Alert

SCHEMA = "watchkeeper.notice/1"


def notice_payload(notice: Notice) -> str:
    """The JSON of a notice. The same notice gives the same text."""
    body = {"schema": SCHEMA, "id": notice.id, "event": notice.kind.value, "alert": describe_alert(notice.alert)}
    return msgspec.json.encode(body, order="deterministic").decode()


def describe_alert(alert: Alert) -> dict[str, object]:
    """An alert in plain JSON types, times as ISO 8601 in UTC; what only the state machine needs is left out."""
    return {
        "id": alert.id,
        "fingerprint": alert.fingerprint,
        "model": alert.model,
        "version": alert.version,
        "cause": alert.cause.value,
        "features": list(alert.features),
        "consequences": list(alert.consequences),
        "statement": None if alert.statement is None else alert.statement.value,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "title": alert.title,
        "summary": alert.summary,
        "next_step": alert.next_step,
        "onset": _iso(alert.onset),
        "detected": _iso(alert.detected),
        "updated": _iso(alert.updated),
        "ended": _iso(alert.ended),
        "size": None if alert.size is None else msgspec.to_builtins(alert.size),
        "worst": None if alert.worst is None else msgspec.to_builtins(alert.worst),
        "revised": alert.revised,
    }


def _iso(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
