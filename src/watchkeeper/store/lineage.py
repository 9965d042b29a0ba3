"""Which versions of a model were live before a version was: what a new one is held against."""

from __future__ import annotations

import sqlalchemy as sa

from watchkeeper.store.tables import routing, versions
from watchkeeper.store.versions import LIVE


def lived_before(connection: sa.Connection, model: str, version: str) -> list[str]:
    """The versions that were live before `version` first was, the last one first, each once; none if it never was.

    While no version was set live the latest that was registered is, so those count as well.
    """
    lived = _lived(connection, model)
    if version not in lived:
        return []
    return [one for one in dict.fromkeys(reversed(lived[: lived.index(version)])) if one != version]


def _lived(connection: sa.Connection, model: str) -> list[str]:
    """Versions in the order in which they became live, one that came back as often as it did."""
    r, v = routing.c, versions.c
    chosen = sa.select(r.version, r.created_at).where(r.model == model, r.route == LIVE)
    rows = connection.execute(chosen.order_by(r.revision, r.weight)).all()
    registered = sa.select(v.version).where(v.model == model).order_by(v.created_at, v.version)
    if rows:
        registered = registered.where(v.created_at <= rows[0].created_at)
    return [*connection.execute(registered).scalars(), *(row.version for row in rows)]
