"""Verdicts over time: every judged window, every feature that ever stood out, and the alerts that began."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Query

from watchkeeper.alerts.table import State
from watchkeeper.api.alert_line import AlertLine, alert_line
from watchkeeper.api.context import Context, Given
from watchkeeper.api.evidence import WindowView, history, key_of, window_view
from watchkeeper.api.span import End, Named, Start, moment
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import gravity
from watchkeeper.store.verdicts import StoredVerdict
from watchkeeper.store.versions import Version

Rows = Annotated[int, Query(description="How many features, the most conspicuous first.", ge=1, le=500)]
MAX_WINDOWS = 400


class FeatureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One column over all windows of the answer; null where a window says nothing of it."""

    feature: str
    column: str
    verdicts: tuple[Verdict | None, ...]


class TimelineView(msgspec.Struct, frozen=True, kw_only=True):
    """Windows by time, features by how often and how gravely they stood out, alerts whose onset lies in the span."""

    model: str
    version: str
    windows: tuple[WindowView, ...]
    features: tuple[FeatureRow, ...]
    alerts: tuple[AlertLine, ...]


def timeline(
    context: Given, model: str, *, version: Named = None, start: Start = None, end: End = None, features: Rows = 20
) -> TimelineView:
    """The last judged windows (at most 400), or those that start in [start, end)."""
    found = context.version(model, version)
    first, last = moment(start, "start"), moment(end, "end")
    windows = history(
        context,
        found,
        start=None if first is None else int(first),
        end=None if last is None else int(last),
        limit=MAX_WINDOWS,
    )
    return TimelineView(
        model=model,
        version=found.version,
        windows=tuple(window_view(window) for window in windows),
        features=_rows(windows)[:features],
        alerts=_alerts(context, found, windows),
    )


def _rows(windows: list[StoredVerdict]) -> tuple[FeatureRow, ...]:
    names: dict[str, str] = {}
    table: dict[str, list[Verdict | None]] = {}
    for place, window in enumerate(windows):
        for finding in window.body.findings:
            key = key_of(finding)
            names.setdefault(key, finding.feature)
            row = table.setdefault(key, [None] * len(windows))
            row[place] = _graver(row[place], finding.verdict)
    rows = [FeatureRow(feature=names[key], column=key, verdicts=tuple(row)) for key, row in table.items()]
    return tuple(sorted(rows, key=_conspicuous, reverse=True))


def _graver(one: Verdict | None, other: Verdict) -> Verdict:
    return other if one is None or gravity(other) > gravity(one) else one


def _conspicuous(row: FeatureRow) -> tuple[int, int]:
    return row.verdicts.count(Verdict.ALARM), row.verdicts.count(Verdict.WARN)


def _alerts(context: Context, version: Version, windows: list[StoredVerdict]) -> tuple[AlertLine, ...]:
    if not windows:
        return ()
    states = [State.FIRING, State.NO_DATA, State.RESOLVED]
    found = context.store.alerts.find(model=version.model, states=states)
    first, last = windows[0].window_start, windows[-1].window_end
    return tuple(alert_line(a) for a in found if a.version == version.version and first <= a.onset < last)
