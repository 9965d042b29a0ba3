"""What a judged window means for alerts, and whom to tell: written with the judgement, in one transaction.

Data and labels are judged by passes of their own, at times of their own. Each weighs only the alerts of its causes, so
that the silence of one pass never reads as the silence of another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from watchkeeper.alerts.advance import Advance, Judged, advance
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.notify.payload import notice_payload
from watchkeeper.store.store import Store


def write_window(
    store: Store,
    judged: Judged,
    causes: Collection[Cause],
    *,
    policy: AlertPolicy,
    targets: Sequence[str],
    now: float,
    reason: str,
) -> None:
    """Inside the open transaction: weigh a window for the alerts of `causes`, and put notices for `targets` in the box.

    All findings of a window that speak of `causes` come together: an open alert that none of them speaks of is silent.
    """
    known = [alert for alert in store.alerts.newest(judged.model, judged.version) if alert.cause in causes]
    write_changes(store, advance(known, judged, policy), targets=targets, now=now, reason=reason)


def write_changes(store: Store, changed: Advance, *, targets: Sequence[str], now: float, reason: str) -> None:
    """Inside the open transaction: keep alerts that changed, and put notices for `targets` in the box."""
    store.alerts.save(changed.alerts, now, reason)
    for notice in changed.notices:
        for target in targets:
            store.outbox.add(notice.id, notice.alert.id, target, notice_payload(notice), now)
