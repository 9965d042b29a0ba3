"""Since when has a column been unlike what it was? The onset (onset.py) of what a finding of blocks says has changed.

A finding names its column and the kind of statistic that moved (`finding.detector`). That statistic's deviations over
the windows that are remembered, and the one that was judged, are the series in which the onset is sought: in units of
ordinary movement, of the windows that were not out of the ordinary for *unusual*, of the reference's blocks for *moved
since training*. A change older than what is remembered has its onset at the first window of all, or before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.baseline import Baseline
from watchkeeper.monitors.history import UNKNOWN, History
from watchkeeper.monitors.movement import BoolArray, Movement
from watchkeeper.monitors.onset import Onset, onset
from watchkeeper.tallies.tally import FloatArray, IntArray

LEAST = 8


def drift_onset(means: FloatArray, rows: FloatArray, variance: FloatArray, ordinary: BoolArray) -> Onset | None:
    """The onset of the change that the last of T windows is in.

    `means` (T, J) and `rows` (T, J) in order of time, `variance` (J,) of one row, `ordinary` (T,) the windows to learn
    ordinary movement from. Of the J statistics the one that is furthest off at the end speaks. None where fewer than 8
    windows are ordinary.
    """
    if ordinary.sum() < LEAST:
        return None
    return onset_of(Movement.fit(means[ordinary], rows[ordinary], variance).z(means, rows))


def onset_of(z: FloatArray) -> Onset:
    """The onset of the change at the end of deviations (T, J), of the statistic that is furthest off there."""
    series = z[:, int(np.abs(z[-1]).argmax())]
    return onset(series, 1 if series[-1] >= 0 else -1)


def annotate(
    findings: Iterable[Finding], baseline: Baseline, history: History, window: IntArray, start: int
) -> tuple[Finding, ...]:
    """The findings of the window (size,) that starts at `start`, those of blocks that warn or alarm with their onset.

    `history` is what the window was judged with. The fields `onset`, `onset_low`, `onset_high` and `gradual` are set,
    and the sentence says since when. Where the starts of windows are not known nothing is added.
    """
    return tuple(_annotated(finding, baseline, history, window, start) for finding in findings)


def _annotated(finding: Finding, baseline: Baseline, history: History, window: IntArray, start: int) -> Finding:
    place = _statistics_of(finding, baseline)
    told = finding.verdict in (Verdict.ALARM, Verdict.WARN) and finding.null == "blocks"
    if not told or not place.size or start == UNKNOWN or (history.starts == UNKNOWN).any():
        return finding
    statistics, column = baseline.statistics, int(baseline.statistics.owner[place[0]])
    means = np.concatenate([history.means, statistics.means(window[None])])[:, place]
    rows = np.concatenate([history.rows, statistics.rows(window[None])])[:, [column] * len(place)]
    ordinary = np.append(~history.flagged[:, column] & (history.rows[:, column] > 0), False)
    if finding.statement is Statement.UNUSUAL:
        found = drift_onset(means, rows, baseline.variance[place], ordinary)
    else:
        fixed = baseline.fixed
        found = None if fixed is None else onset_of(_some(fixed.movement, place).z(means, rows))
    return finding if found is None else with_onset(finding, found, np.append(history.starts, start))


def _some(movement: Movement, place: IntArray) -> Movement:
    """The ordinary movement of some of the statistics."""
    by_stratum = {name: getattr(movement, name)[:, place] for name in ("mean", "share")}
    by_statistic = {name: getattr(movement, name)[place] for name in ("tau2", "variance", "inverse_n", "df")}
    return replace(movement, **by_stratum, **by_statistic)


def _statistics_of(finding: Finding, baseline: Baseline) -> IntArray:
    """Which statistics a finding may speak of: those of its column and its kind."""
    named = [column.name == finding.column for column in baseline.statistics.columns]
    mine = np.array(named, bool)[baseline.statistics.owner]
    kinds = np.array([part.detector == finding.detector for part in baseline.statistics.parts], bool)
    asked = finding.statement in (Statement.UNUSUAL, Statement.MOVED)
    return np.flatnonzero(mine & kinds) if asked else np.zeros(0, np.int64)


def with_onset(finding: Finding, found: Onset, starts: IntArray) -> Finding:
    """The finding with its onset, as times; `starts` (T,) are those of the windows of the series."""
    low, high = (None if place is None else int(starts[place]) for place in (found.low, found.high))
    return msgspec.structs.replace(
        finding,
        onset=int(starts[found.index]),
        onset_low=low,
        onset_high=high,
        gradual=found.gradual,
        sentence=f"{finding.sentence} {since_words(found, starts)}" if finding.sentence else "",
    )


def since_words(found: Onset, starts: IntArray) -> str:
    """Since when, in a sentence."""
    if found.gradual:
        return f"It came gradually, and had begun by {_moment(starts[found.index])}."
    if found.low == 0:
        return f"It had begun by {_moment(starts[found.high or 0])}, perhaps before anything that is remembered."
    around = "" if found.low == found.high else f" (from {_moment(starts[found.low or 0])} at the earliest)"
    return f"It began at {_moment(starts[found.index])}{around}."


def _moment(seconds: int) -> str:
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"
