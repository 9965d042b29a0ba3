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

import logging
import math
import time
from collections.abc import Callable, Collection, Sequence

import msgspec
import numpy as np

from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import Unavailable
from watchkeeper.monitors.segment_evidence import SegmentPolicy
from watchkeeper.monitors.segment_harm import SegmentJudge
from watchkeeper.report.words import moment
from watchkeeper.store.buckets import Source
from watchkeeper.store.scored_windows import totals
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import is_live
from watchkeeper.watch.label_blocks import LabelReader
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.rounds import Rounds
from watchkeeper.watch.segment_rows import Read, Windows, read_segments, windows_of
from watchkeeper.watch.telling import write_window

ORDINARY, RECENT, NEW = 32, 8, 10
WINDOWS = ORDINARY + RECENT
AGAIN_SECONDS = 3600.0
CAUSES = frozenset({Cause.SEGMENT_HARM})
"""What this pass tells of."""
_log = logging.getLogger(__name__)


class SegmentWatch:
    """Judges mature windows of every version that has labels. `targets` are where every notice goes."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
        policy: AlertPolicy | None = None,
        labels: LabelReader | None = None,
    ) -> None:
        self._store, self._registry, self._targets, self._clock = store, registry, tuple(targets), clock
        self._policy, self._what = policy or AlertPolicy(), SegmentPolicy()
        self._labels = labels or LabelReader(store)
        self._rounds = Rounds(store, registry, clock, sources=self._line_up, judge=self._version)
        self._next: dict[Source, float] = {}

    @property
    def waiting(self) -> int:
        """How many are still to be looked at."""
        return self._rounds.waiting

    def due(self) -> int:
        """Judge what is mature, every five minutes or ten windows of a replay; how many windows."""
        return self._rounds.due()

    def run(self) -> int:
        """Judge what is mature, now; how many windows."""
        return self._rounds.run()

    def _line_up(self) -> Collection[Source]:
        """Every version that has labels is to be looked at."""
        self._registry.refresh()
        with self._store.read() as connection:
            known = totals(connection, LIVE)
        self._labels.forget(known)
        self._next = {source: due for source, due in self._next.items() if source in known}
        return known

    def _version(self, source: Source, stream: Stream) -> int:
        """Judge the windows of a version that have matured since the last pass; how many."""
        settings = self._registry.settings(source.model)
        if settings is None:
            return 0
        now = self._clock() if is_live(stream, settings) else stream.newest_event
        if now < self._next.get(source, -math.inf):
            return 0
        try:
            return self._judge(source, now, settings.window_seconds)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 — one version that cannot be judged must not stop the others
            _log.exception("Segments of %s %s cannot be judged.", source.model, source.version)
            return 0

    def _judge(self, source: Source, now: float, width: int) -> int:
        end = int(now) // width * width
        span = max(0, end - (WINDOWS + NEW) * width), end
        mature = self._labels.blocks(source, span, width, now)
        self._next[source] = min(mature.due, now + min(width, AGAIN_SECONDS))
        told = self._store.positions.get(_consumer(source))
        new = mature.starts[mature.starts > told][-NEW:]
        if not len(new) or len(mature.starts) < self._what.min_blocks + self._what.min_recent:
            return 0
        answered = self._store.performance.predictions(*source[:2], *span, width, route=source.route)
        windows = windows_of(mature.starts, mature.labels, answered, width, WINDOWS)
        read = self._read(source, windows)
        judge = None if read is None else SegmentJudge(read.rows, self._what, hidden=read.hidden)
        for start in new.tolist():
            findings = () if judge is None else self._findings(judge, windows, start, source)
            self._tell(source, start, width, findings)
        return len(new)

    def _read(self, source: Source, windows: Windows) -> Read | None:
        if len(windows.starts) < self._what.min_blocks + self._what.min_recent:
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
        end = start + width
        window = Judged(model=source.model, version=source.version, start=start, end=end, findings=findings)
        with self._store.begin():
            write_window(
                self._store, window, CAUSES, policy=self._policy, targets=self._targets, now=self._clock(),
                reason=f"labels of {moment(start)} to {moment(end)}",
            )  # fmt: skip
            self._store.positions.set(_consumer(source), start)


def _consumer(source: Source) -> str:
    return f"segments {source.model} {source.version}"
