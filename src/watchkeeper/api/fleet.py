"""All models at once, in a few queries and one small one a model: a page of a thousand must not take a minute.

Only columns are read, never the bodies of verdicts or tallies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.table import State
from watchkeeper.api.context import Context
from watchkeeper.api.evidence import WindowView
from watchkeeper.events.verdict import Verdict
from watchkeeper.store.buckets import TOTAL
from watchkeeper.store.tables import routing, tallies, verdicts, versions
from watchkeeper.store.versions import LIVE

TREND = 30
_ALERTS = 100_000


@dataclass
class Standing:
    """What is known of one model. `windows` are the last judged ones of its live version, by time, without notes."""

    versions: list[str] = field(default_factory=list)
    live: str | None = None
    rows: dict[str, int] = field(default_factory=dict)
    windows: list[WindowView] = field(default_factory=list)
    firing: list[Alert] = field(default_factory=list)
    last: Alert | None = None
    newest_event: float | None = None


def standings(context: Context, names: Iterable[str], model: str | None = None) -> dict[str, Standing]:
    """The standing of each model of `names`; `model` says that it is the only one."""
    found = {name: Standing() for name in names}
    with context.store.read() as connection:
        _add_versions(connection, found, model)
        _add_rows(connection, found, model)
        for name, standing in found.items():
            if standing.live is not None:
                standing.windows = _windows(connection, name, standing.live)
    _add_alerts(context, found, model)
    for name, stream in context.store.windows.streams().items():
        if name in found:
            found[name].newest_event = stream.newest_event
    return found


def _add_versions(connection: sa.Connection, found: dict[str, Standing], model: str | None) -> None:
    """The versions, oldest first, and the live one: that which was set live last, else the newest."""
    v, r = versions.c, routing.c
    query = sa.select(v.model, v.version).order_by(v.created_at, v.version)
    chosen = sa.select(r.model, r.version).where(r.route == LIVE).order_by(r.revision, r.weight)
    if model is not None:
        query, chosen = query.where(v.model == model), chosen.where(r.model == model)
    for name, version in connection.execute(query):
        if name in found:
            found[name].versions.append(version)
            found[name].live = version
    for name, version in connection.execute(chosen):
        if name in found:
            found[name].live = version


def _add_rows(connection: sa.Connection, found: dict[str, Standing], model: str | None) -> None:
    c = tallies.c
    query = sa.select(c.model, c.version, sa.func.sum(c.rows)).where(c.width == TOTAL, c.bucket_start == 0)
    query = query if model is None else query.where(c.model == model)
    for name, version, rows in connection.execute(query.group_by(c.model, c.version)):
        if name in found:
            found[name].rows[version] = int(rows)


def _windows(connection: sa.Connection, model: str, version: str) -> list[WindowView]:
    """The last word on each of the last windows, by time."""
    c = verdicts.c
    query = (
        sa.select(c.window_start, c.window_end, c.verdict, c.n, c.revision, c.judged_at)
        .where(c.model == model, c.version == version)
        .order_by(c.window_start.desc(), c.window_end.desc(), c.revision.desc())
        .limit(2 * TREND)
    )
    last: dict[tuple[int, int], WindowView] = {}
    for start, end, verdict, n, revision, judged_at in connection.execute(query):
        view = WindowView(start=start, end=end, verdict=Verdict(verdict), n=n, revision=revision, judged_at=judged_at)
        last.setdefault((start, end), view)
    return list(last.values())[:TREND][::-1]


def last_verdicts(context: Context) -> dict[tuple[str, str], tuple[Verdict, int]]:
    """The newest window's verdict and end (Unix seconds) of every version that has one: {(model, version): …}."""
    c = verdicts.c
    found: dict[tuple[str, str], tuple[Verdict, int]] = {}
    with context.store.read() as connection:
        for name, version in connection.execute(sa.select(versions.c.model, versions.c.version)).all():
            own = sa.select(c.verdict, c.window_end).where(c.model == name, c.version == version)
            row = connection.execute(own.order_by(c.window_end.desc(), c.revision.desc()).limit(1)).first()
            if row is not None:
                found[name, version] = Verdict(row.verdict), row.window_end
    return found


def _add_alerts(context: Context, found: dict[str, Standing], model: str | None) -> None:
    find = context.store.alerts.find
    for alert in find(model=model, states=[State.FIRING], limit=_ALERTS):
        if alert.model in found:
            found[alert.model].firing.append(alert)
    for alert in find(model=model, states=[State.NO_DATA, State.RESOLVED]):
        if alert.model in found and found[alert.model].last is None:
            found[alert.model].last = alert
