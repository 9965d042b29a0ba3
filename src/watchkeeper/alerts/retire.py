"""Alerts of a version that answers no more end: to take it out of service is what most of them ask for."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from watchkeeper.alerts.advance import Advance, Notice, NoticeKind
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.table import State


def retire(alerts: Iterable[Alert]) -> Advance:
    """End what is open of `alerts`; whoever was told that one fires is told that it is over, once."""
    ended = [_ended(alert) for alert in alerts if alert.state.is_open]
    return Advance(
        alerts=tuple(alert for alert, _ in ended), notices=tuple(notice for _, notice in ended if notice is not None)
    )


def _ended(alert: Alert) -> tuple[Alert, Notice | None]:
    fired = NoticeKind.FIRING.value in alert.told
    tell = fired and NoticeKind.RESOLVED.value not in alert.told
    ended = msgspec.structs.replace(
        alert,
        state=State.RESOLVED if fired else State.INACTIVE,
        ended=alert.updated,
        ended_window=alert.track.signals[-1][0] if alert.track.signals else alert.onset,
        summary=f"Version {alert.version} answers no more. Before: {alert.summary}",
        next_step="Nothing: the version is out of service.",
        told=(*alert.told, NoticeKind.RESOLVED.value) if tell else alert.told,
    )
    notice = Notice(id=f"{alert.id}-{NoticeKind.RESOLVED.value}", kind=NoticeKind.RESOLVED, alert=ended)
    return ended, notice if tell else None
