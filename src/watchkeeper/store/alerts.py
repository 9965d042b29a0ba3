"""Alerts as they stand, and every change of state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.table import State
from watchkeeper.events.errors import NotFound
from watchkeeper.store.database import Database
from watchkeeper.store.tables import alert_transitions, alerts


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """An alert went from one state to another; `at` is Unix seconds of the clock on the wall."""

    alert_id: str
    at: float
    from_state: State
    to_state: State
    reason: str


class Alerts:
    """One row an alert; the body is the alert itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, changed: Sequence[Alert], now: float, reason: str = "") -> list[Transition]:
        """Write `changed` over those with the same ids; the changes of state that this makes, which are kept too."""
        with self._database.begin():
            known = self._states([alert.id for alert in changed])
            moves = [
                Transition(alert_id=alert.id, at=now, from_state=was, to_state=alert.state, reason=reason)
                for alert in changed
                if (was := known.get(alert.id, State.INACTIVE)) is not alert.state
            ]
            rows = [_row(alert) for alert in changed]
            self._database.upsert(alerts, rows, replace=("state", "onset", "updated", "body"))
            if moves:
                with self._database.begin() as connection:
                    connection.execute(sa.insert(alert_transitions), [msgspec.structs.asdict(move) for move in moves])
        return moves

    def newest(self, model: str, version: str) -> list[Alert]:
        """The newest alert of each cause of this version, resolved ones included."""
        c = alerts.c
        last = sa.select(c.fingerprint, sa.func.max(c.onset).label("onset")).where(
            c.model == model, c.version == version
        )
        last_of = last.group_by(c.fingerprint).subquery()
        query = sa.select(c.body).join(
            last_of, sa.and_(c.fingerprint == last_of.c.fingerprint, c.onset == last_of.c.onset)
        )
        with self._database.read() as connection:
            return [Alert.from_json(body) for (body,) in connection.execute(query)]

    def find(
        self, *, model: str | None = None, states: Sequence[State] | None = None, limit: int = 1000
    ) -> list[Alert]:
        """Alerts, newest onset first; of one model or all, in some states or any."""
        c = alerts.c
        query = sa.select(c.body).order_by(c.onset.desc(), c.id).limit(limit)
        if model is not None:
            query = query.where(c.model == model)
        if states is not None:
            query = query.where(c.state.in_([state.value for state in states]))
        with self._database.read() as connection:
            return [Alert.from_json(body) for (body,) in connection.execute(query)]

    def get(self, alert_id: str) -> Alert:
        """One alert; NotFound if there is none."""
        with self._database.read() as connection:
            body = connection.execute(sa.select(alerts.c.body).where(alerts.c.id == alert_id)).scalar()
        if body is None:
            raise NotFound(f"There is no alert {alert_id[:80]!r}.", hint="See /api/v1/alerts for those there are.")
        return Alert.from_json(body)

    def transitions(self, alert_id: str) -> list[Transition]:
        """The changes of state of one alert, oldest first."""
        c = alert_transitions.c
        query = sa.select(alert_transitions).where(c.alert_id == alert_id).order_by(c.id)
        with self._database.read() as connection:
            return [_transition(row) for row in connection.execute(query)]

    def _states(self, ids: list[str]) -> dict[str, State]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(alerts.c.id, alerts.c.state).where(alerts.c.id.in_(ids)))
            return {row.id: State(row.state) for row in rows}


def _row(alert: Alert) -> dict[str, object]:
    names = ("id", "fingerprint", "model", "version", "subject", "onset", "updated")
    fields: dict[str, object] = {name: getattr(alert, name) for name in names}
    return fields | {"cause": alert.cause.value, "state": alert.state.value, "body": alert.to_json()}


def _transition(row: sa.Row[Any]) -> Transition:
    return Transition(
        alert_id=row.alert_id,
        at=row.at,
        from_state=State(row.from_state),
        to_state=State(row.to_state),
        reason=row.reason,
    )
