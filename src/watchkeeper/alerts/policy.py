"""What it takes to fire and to clear. Frozen: the state of an alert is kept apart."""

from __future__ import annotations

import msgspec


class AlertPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Counts are of windows.

    hard_for: alarms in a row before a hard break fires (values missing, of a wrong type, never seen, …).
    soft_for: the same for a soft one (a distribution, a latency), where one odd window is ordinary life.
    keep_firing: windows in a row that must be well before a firing alert resolves.
    group_at: features with the same hard break in one window that count as one broken source.
    memory: windows remembered of each alert, so that a late revision of one can be weighed again.
    """

    hard_for: int = 1
    soft_for: int = 2
    keep_firing: int = 2
    group_at: int = 3
    memory: int = 64
