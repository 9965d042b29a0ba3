"""Harm seen live: is a version wrong more often than it used to be, or than the one before it was? On labels.

Labels come late, so this is a pass of its own: a window is judged when its labels are mature (nine in ten have come).
Four things are said of it: harm against the version's own ordinary windows (`monitors.harm`); prediction bias against
the same (`monitors.bias`); of a version's first 120 windows, harm against the last 40 of the version that was live
before it (`monitors.against`), for a new version has no ordinary windows of its own, and a bad one never will; and the
level of the last 20 windows against that of the labelled reference, where there is one (`monitors.against_reference`).

Only what the live route answered is judged: these predictions are acted on, and one route is not a fair baseline for
another. A shadow or a canary sees other rows, or fewer; it is compared with the live version over the same weeks, on
the page that sets versions side by side, and has no alerts of its own.

What is said of a window depends on labels alone (harm_findings.py). Each pass says it anew for the last two eras, 40 to
80 windows, and compares: where a window matured late, or labels were corrected or withdrawn, and a verdict is another
than was told, those windows are weighed again. Alerts that this changes are marked as revised, and nobody is told
again what was told before. What changed and how far the pass has come are written in ONE transaction, so a crash
repeats a pass with the same result.

A version is looked at again when a quarter of a window's labels have come since, labels were corrected, or a window
is due to mature; and once an hour in any case. A pass over many versions pauses after a second, for rows wait, and
goes on at the next turn (rounds.py).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.against import against
from watchkeeper.monitors.harm import HarmPolicy
from watchkeeper.monitors.why import why
from watchkeeper.store.buckets import Source
from watchkeeper.store.lineage import lived_before
from watchkeeper.store.scored_windows import Total, first_scored
from watchkeeper.store.versions import LIVE
from watchkeeper.watch.harm_findings import (
    BACK,
    ERA,
    era_of,
    harm_against,
    harm_against_reference,
    harm_in,
    ordinary_of,
)
from watchkeeper.watch.label_blocks import LabelBlocks
from watchkeeper.watch.label_pass import LabelPass

AGAIN_SECONDS = 3600.0
ENOUGH_NEW = 0.25
"""Labels of so much of a window are worth another look."""
NEW_WINDOWS, BEFORE_WINDOWS, LEAST_BEFORE = 120, 40, HarmPolicy.min_blocks
CAUSES = frozenset({Cause.HARM, Cause.BIAS})
"""What this pass tells of."""
Said = dict[int, tuple[Finding, ...]]
"""Findings by the start of their window, Unix seconds."""


class _Seen(NamedTuple):
    """A version when it was last looked at: what was scored, when, what it waits for, and labels in a window."""

    total: Total
    at: float
    due: float
    labels: float


class _Span(NamedTuple):
    """Windows of `width` seconds from the era at `base` on are judged, up to `end`."""

    base: int
    end: int
    width: int


class HarmWatch(LabelPass[_Seen]):
    """Harm seen, and prediction bias, of every version that has labels."""

    causes, what = CAUSES, "Labels"

    def _judge(self, source: Source, now: float, width: int) -> int:
        """Judge a version's windows that are new, and again those of which something else is to be said now."""
        if not self._worth_a_look(source, now):
            return 0
        told = self._store.positions.get(_consumer(source))
        span = _span(int(now), told, width)
        said, seen = self._said(source, span, now)
        judged = self._tell(source, span, told, said)
        self._seen[source] = seen
        return judged

    def _worth_a_look(self, source: Source, now: float) -> bool:
        seen, total = self._seen.get(source), self._totals[source]
        if seen is None or total.corrected != seen.total.corrected or now >= min(seen.due, seen.at + AGAIN_SECONDS):
            return True
        return abs(total.rows - seen.total.rows) >= max(1.0, ENOUGH_NEW * seen.labels)

    # ------------------------------------------------------------ what is so
    def _said(self, source: Source, span: _Span, now: float) -> tuple[Said, _Seen]:
        """What labels say of each window, by its start, and what this look saw."""
        first = span.base - BACK * ERA * span.width
        own = self._labels.blocks(source, (max(0, first), span.end), span.width, now)
        found = [
            *harm_in(own, span.width, span.base),
            *self._against(source, own, span, now),
            *self._against_reference(source, own, span),
        ]
        labels = float(own.losses[:, 1].mean()) if len(own) else 0.0
        said: dict[int, list[Finding]] = {}
        for start, finding in found:
            said.setdefault(start, []).append(finding)
        if said:
            last = max(said)
            said[last] = [self._with_reason(source, own, last, finding, span.width) for finding in said[last]]
        seen = _Seen(self._totals[source], now, own.due, labels)
        return {start: tuple(said[start]) for start in sorted(said)}, seen

    def _with_reason(self, source: Source, own: LabelBlocks, start: int, finding: Finding, width: int) -> Finding:
        """Harm of the newest window with what the scores since its onset say of why."""
        if finding.column != HarmPolicy.column or finding.verdict is not Verdict.ALARM or finding.onset is None:
            return finding
        ordinary, now = ordinary_of(own, start, width), own.since(finding.onset)
        read = self._labels.counts(source, np.union1d(ordinary.starts, now.starts), width)
        if read is None:
            return finding
        layout, counts = read
        reason = why(layout, counts[: len(ordinary)], counts[-len(now) :].sum(0))
        return msgspec.structs.replace(finding, sentence=f"{finding.sentence} {reason}".strip())

    def _against(self, source: Source, own: LabelBlocks, span: _Span, now: float) -> list[tuple[int, Finding]]:
        """Harm of a version's first windows, and for as long as an alert on them is open, against the one before."""
        with self._store.read() as connection:
            begun = first_scored(connection, source)
            before = lived_before(connection, source.model, source.version)
        if begun is None or not before:
            return []
        first = begun // span.width * span.width
        version = self._worked_before(source.model, before, first, span.width)
        end = max(first + NEW_WINDOWS * span.width, 0.0 if version is None else self._followed(source, version))
        if version is None or end <= span.base:
            return []
        taught = (max(0, first - NEW_WINDOWS * span.width), first)
        usual = self._labels.blocks(source._replace(version=version), taught, span.width, now).last(BEFORE_WINDOWS)
        return list(harm_against(own.since(first, end), usual, version, span.width, span.base))

    def _against_reference(self, source: Source, own: LabelBlocks, span: _Span) -> list[tuple[int, Finding]]:
        """Harm against the labelled reference of the version, where it has one."""
        known = self._registry.performance(source.model, source.version)
        return [] if known is None else list(harm_against_reference(own, known, span.base))

    def _worked_before(self, model: str, versions: Sequence[str], first: int, width: int) -> str | None:
        """The last of `versions` that answered in enough windows before the one at `first` to be compared with."""
        start = max(0, first - NEW_WINDOWS * width)
        for version in versions:
            windows = self._store.performance.predictions(model, version, start, first, width, route=LIVE)
            if len(windows) >= LEAST_BEFORE:
                return version
        return None

    def _followed(self, source: Source, version: str) -> float:
        """Up to when an alert on harm against `version` was followed; infinity while it is open."""
        subject = against(HarmPolicy.column, version)
        found = [alert for alert in self._alerts(source) if alert.subject == subject]
        return max([math.inf if alert.state.is_open else float(alert.updated) for alert in found], default=0.0)

    # ------------------------------------------------------------ what it means
    def _tell(self, source: Source, span: _Span, told: int, said: Said) -> int:
        """Write what is new, and again what was said otherwise, in one transaction; how many windows."""
        store, kept = self._store, f"{_consumer(source)} said"
        base = era_of(span.end - span.width, span.width) - ERA * span.width
        new = [start for start in said if start > told]
        again: list[int] = []
        if _digest(said, base, told) != store.positions.get(kept):
            spoke = {start for alert in self._alerts(source) for start, _ in alert.track.signals}
            again = sorted(start for start in said.keys() | spoke if base <= start <= told)
        if not new and not again:
            return 0
        with store.begin():
            for start in (*again, *new):
                self._write(source, start, span.width, said.get(start, ()))
            newest = max([told, *new])
            store.positions.set(_consumer(source), newest)
            store.positions.set(kept, _digest(said, base, newest))
        return len(again) + len(new)

    def _alerts(self, source: Source) -> list[Alert]:
        return [alert for alert in self._store.alerts.newest(source.model, source.version) if alert.cause in CAUSES]


def _span(now: int, told: int, width: int) -> _Span:
    """The eras to judge: the last two, and one more where windows that nobody has heard of go back so far."""
    end = now // width * width
    newest, length = era_of(max(0, end - width), width), ERA * width
    unheard = era_of(told + 1, width)
    return _Span(max(0, newest - BACK * length, min(newest - length, unheard)), end, width)


def _digest(said: Said, base: int, last: int) -> int:
    """A number that tells what was said of the windows from `base` to `last` from anything else; 0 for nothing."""
    lines = [
        f"{start} {finding.column} {finding.verdict.value}"
        for start, findings in said.items()
        if base <= start <= last
        for finding in findings
    ]
    return int.from_bytes(hashlib.sha256("\n".join(lines).encode()).digest()[:7]) if lines else 0


def _consumer(source: Source) -> str:
    return f"harm {source.model} {source.version}"
