"""An alert in one line, for lists on other pages."""

from __future__ import annotations

import msgspec

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Severity
from watchkeeper.alerts.table import State


class AlertLine(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert says, where it stands, and when it began (`onset`, Unix seconds of event time)."""

    id: str
    title: str
    state: State
    severity: Severity
    onset: int


def alert_line(alert: Alert) -> AlertLine:
    """The line of an alert."""
    return AlertLine(id=alert.id, title=alert.title, state=alert.state, severity=alert.severity, onset=alert.onset)
