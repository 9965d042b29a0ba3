"""Acknowledgements: a person has seen an alert. Kept in the alert's history, as a step that changes no state."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.table import State
from watchkeeper.store.store import Store
from watchkeeper.store.tables import alert_transitions

_MARK = "acknowledged"


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Seen `at` (Unix seconds), with a note."""

    alert_id: str
    at: float
    note: str = ""


def acknowledge(store: Store, alert: Alert, now: float, note: str) -> Acknowledgement:
    """Write it down."""
    reason = f"{_MARK}: {note}" if note else _MARK
    row = {"alert_id": alert.id, "at": now, "from_state": alert.state.value, "to_state": alert.state.value}
    with store.begin() as connection:
        connection.execute(sa.insert(alert_transitions), [row | {"reason": reason}])
    return Acknowledgement(alert_id=alert.id, at=now, note=note)


def acknowledged(store: Store, ids: Iterable[str]) -> dict[str, Acknowledgement]:
    """The newest acknowledgement of each alert since it last fired; alerts without one are left out."""
    c = alert_transitions.c
    query = sa.select(alert_transitions).where(c.alert_id.in_(list(ids))).order_by(c.id)
    found: dict[str, Acknowledgement] = {}
    with store.read() as connection:
        for row in connection.execute(query):
            if _is_mark(row.from_state, row.to_state, row.reason):
                note = row.reason.removeprefix(_MARK).removeprefix(": ")
                found[row.alert_id] = Acknowledgement(alert_id=row.alert_id, at=row.at, note=note)
            elif row.to_state == State.FIRING:
                found.pop(row.alert_id, None)
    return found


def _is_mark(from_state: str, to_state: str, reason: str) -> bool:
    return from_state == to_state and reason.startswith(_MARK)
