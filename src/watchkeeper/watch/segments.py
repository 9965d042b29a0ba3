"""Harm in a segment, live: did the loss of a version rise for a part of its rows? On labels.

A pass like that over harm (harm.py): a window is judged when its labels are mature, once, in order of time; the 8
newest mature windows against the 32 before them, or as many as have their records still (`monitors.segment_harm`). That
takes rows, which are read from the records, and only when a window has matured since the last pass. At most ten new
windows are judged in a pass; where more have matured the older ones are passed over, and so is a window that matures
after a later one: it counts, and is not judged.

What a window means for alerts is written with how far the pass has come in ONE transaction: a crash repeats a window
with the same result. Corrections count in the windows judged after them, and change nothing that was said before.
Versions with too few labels or too few windows are passed over in silence: nothing was looked at, and nothing is said.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from watchkeeper.alerts.cause import Cause
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.segment_evidence import SegmentPolicy
from watchkeeper.monitors.segment_harm import SegmentJudge
from watchkeeper.store.buckets import Source
from watchkeeper.watch.label_pass import LabelPass
from watchkeeper.watch.segment_rows import Read, Windows, read_segments, windows_of

ORDINARY, RECENT, NEW = 32, 8, 10
WINDOWS = ORDINARY + RECENT
AGAIN_SECONDS = 3600.0
POLICY = SegmentPolicy()
CAUSES = frozenset({Cause.SEGMENT_HARM})
"""What this pass tells of."""


class SegmentWatch(LabelPass[float]):
    """Harm in a segment, of every version that has labels. It remembers when each is worth another look."""

    causes, what = CAUSES, "Segments"

    def _judge(self, source: Source, now: float, width: int) -> int:
        """Judge the windows of a version that have matured since the last pass; how many."""
        if now < self._seen.get(source, -math.inf):
            return 0
        end = int(now) // width * width
        span = max(0, end - (WINDOWS + NEW) * width), end
        mature = self._labels.blocks(source, span, width, now)
        self._seen[source] = min(mature.due, now + min(width, AGAIN_SECONDS))
        told = self._store.positions.get(_consumer(source))
        new = mature.starts[mature.starts > told][-NEW:]
        if not len(new) or len(mature.starts) < POLICY.min_blocks + POLICY.min_recent:
            return 0
        answered = self._store.performance.predictions(*source[:2], *span, width, route=source.route)
        windows = windows_of(mature.starts, mature.labels, answered, width, WINDOWS)
        read = self._read(source, windows)
        judge = None if read is None else SegmentJudge(read.rows, POLICY, hidden=read.hidden)
        for start in new.tolist():
            findings = () if judge is None else self._findings(judge, windows, start, source)
            self._tell(source, start, width, findings)
        return len(new)

    def _read(self, source: Source, windows: Windows) -> Read | None:
        if len(windows.starts) < POLICY.min_blocks + POLICY.min_recent:
            return None
        reference = self._registry.reference(source.model, source.version)
        task = self._store.versions.version(source.model, source.version).task
        return read_segments(self._store, source, task, reference, windows)

    def _findings(self, judge: SegmentJudge, windows: Windows, start: int, source: Source) -> tuple[Finding, ...]:
        """What the windows up to the one at `start` say, of their rows that are kept."""
        blocks = np.flatnonzero(windows.starts <= start)[-WINDOWS:]
        ordinary, recent = blocks[:-RECENT], blocks[-RECENT:]
        if not len(ordinary) or start not in windows.starts:
            return ()
        alerts = self._store.alerts.newest(source.model, source.version)
        follow = {alert.subject for alert in alerts if alert.cause in CAUSES and alert.state.is_open}
        findings = judge.judge(ordinary, recent, follow)
        most = int(windows.one_in[blocks].max())
        thin = f" At most one row in {most} was looked at." if most > 1 else ""
        return tuple(msgspec.structs.replace(finding, note=finding.note + thin) for finding in findings)

    def _tell(self, source: Source, start: int, width: int, findings: tuple[Finding, ...]) -> None:
        """What a window means for alerts, whom to tell, and how far this pass has come, in one transaction."""
        with self._store.begin():
            self._write(source, start, width, findings)
            self._store.positions.set(_consumer(source), start)


def _consumer(source: Source) -> str:
    return f"segments {source.model} {source.version}"
