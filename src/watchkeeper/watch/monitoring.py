"""The monitors pass: windows that have closed are judged, and what that means for alerts is written with it.

For each window ONE transaction: the window's sum, its verdict (a new revision where late rows opened it again), the
alerts that it changes, and the notices that are due, in the outbox. A crash before it repeats the window, with the same
result; a notice has an id, and is put in the outbox once.

Later windows are not judged again when an earlier one is revised: a rolling reference is what was known at its time.
A window that cannot be judged is `not computable`, with the reason; it never stops the others.

The clock closes windows only up to when the oldest entry that still waits in the journal was appended: after a pause of
this process the rows of the hours since lie there, and are no silence.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence

import msgspec

from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.cause import OF_LABELS, Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.events.errors import Unavailable
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.monitors.traffic import judge_silence
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.report.words import moment
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream, Window
from watchkeeper.tallies.tally import Tally
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.cadence import rests
from watchkeeper.watch.closing import complete_until, is_live, quiet_run, quiet_windows
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.harm import HarmWatch
from watchkeeper.watch.judges import Bench, Judges
from watchkeeper.watch.label_blocks import LabelReader
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.retiring import Retiring
from watchkeeper.watch.rounds import WORK_SECONDS
from watchkeeper.watch.segments import SegmentWatch
from watchkeeper.watch.telling import write_window

WINDOWS_A_PASS = 200
LABELS_SECONDS = 60.0
"""What labels say comes after what the data say; so often all the same, where late rows open windows without end."""

CAUSES = frozenset(Cause) - OF_LABELS
"""What this pass tells of; what labels say, and estimates, have passes of their own."""
_log = logging.getLogger(__name__)


class Monitoring:
    """Judges windows of every model. `targets` are where every notice goes (`notify`).

    `read_until` gives the Unix time up to which the journal has been read, infinity when nothing waits in it.
    """

    def __init__(
        self,
        store: Store,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
        policy: AlertPolicy | None = None,
        registry: Registry | None = None,
        read_until: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._store, self._targets, self._clock = store, tuple(targets), clock
        self._policy = policy or AlertPolicy()
        self._registry = registry or Registry(store)
        self._read_until = read_until
        self._judges = Judges(store, self._registry)
        self._listened = clock()
        self._retiring = Retiring(store, self._registry, targets=targets, clock=clock)
        labels = LabelReader(store)
        self._asking = Asking(store, self._registry, clock=clock, labels=labels)
        self._harm = HarmWatch(store, self._registry, targets=targets, clock=clock, policy=policy, labels=labels)
        self._segments = SegmentWatch(store, self._registry, targets=targets, clock=clock, policy=policy, labels=labels)
        self._estimates = EstimateWatch(
            store, self._registry, targets=targets, clock=clock, policy=policy, read_until=read_until
        )

    def run(self, limit: int = WINDOWS_A_PASS) -> int:
        """Judge up to `limit` closed windows, each version's in order of time, and estimate some.

        How many that was, and how many versions the passes over labels and estimates have still to look at.
        At least one, and for a second: one window that rows have opened again can cost as much as a new judge.
        """
        self._registry.refresh()
        now, streams = self._clock(), self._store.windows.streams()
        known = min(now, self._read_until())
        self._expect_quiet(streams, known)
        closed = self._closed(streams, known)
        judged = 0
        for window in closed[:limit]:
            if judged and self._clock() >= now + WORK_SECONDS:
                break
            self._judge(window, streams[window.model], now)
            judged += 1
        self._retiring.due()
        more = 0
        if judged == len(closed) or not rests(self._listened, now, LABELS_SECONDS):
            self._listened = now
            self._harm.due()
            self._segments.due()
            more = self._estimates.due()
            self._asking.due()
            more += sum(one.waiting for one in (self._harm, self._segments, self._estimates, self._asking))
        return judged + more

    def _expect_quiet(self, streams: dict[str, Stream], now: float) -> None:
        """Windows in which a live stream gave nothing are judged too."""
        for model, stream in streams.items():
            settings = self._registry.settings(model)
            spans = quiet_windows(stream, settings, now) if settings is not None else []
            if spans:
                self._store.windows.expect(model, self._store.versions.live_version(model).version, spans)

    def _closed(self, streams: dict[str, Stream], now: float) -> list[Window]:
        """Changed windows that are complete: a version's together, by time."""
        until = {
            model: complete_until(stream, settings, now)
            for model, stream in streams.items()
            if (settings := self._registry.settings(model)) is not None
        }
        changed = [window for window in self._store.windows.changed() if window.end <= until.get(window.model, -1.0)]
        return sorted(changed, key=lambda window: (window.model, window.version, window.start))

    def _judge(self, window: Window, stream: Stream, now: float) -> None:
        settings = self._registry.settings(window.model)
        if settings is None:
            return
        found = self._store.tallies.window_sum(window.model, window.version, window.start, window.end)
        tally, rows = found or (None, 0)
        bench = None
        try:
            bench = self._judges.bench(window, settings)
            verdict = _verdict(bench, window, tally, rows, stream)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 — one window that cannot be judged must not stop the others
            _log.exception("Window %s of %s %s cannot be judged.", window.start, window.model, window.version)
            verdict = WindowVerdict(verdict=Verdict.NOT_COMPUTABLE, n=rows, notes=(str(error) or type(error).__name__,))
        self._write(window, tally, rows, verdict, now)
        if bench is None or (window.judged and tally is None):
            self._judges.forget(window)
        elif tally is not None:
            bench.follow(window, tally.counts, verdict)

    def _write(self, window: Window, tally: Tally | None, rows: int, verdict: WindowVerdict, now: float) -> None:
        judged = Judged(
            model=window.model,
            version=window.version,
            start=window.start,
            end=window.end,
            findings=verdict.findings,
        )
        with self._store.begin():
            revision = self._store.windows.judge(window, tally, rows, verdict.unusual_columns)
            self._store.verdicts.add(window, revision, verdict, now)
            policy, targets, reason = self._policy, self._targets, _reason(window, revision)
            write_window(self._store, judged, CAUSES, policy=policy, targets=targets, now=now, reason=reason)


def _verdict(bench: Bench, window: Window, tally: Tally | None, rows: int, stream: Stream) -> WindowVerdict:
    """The judge's verdict on the data, and what the window says of the service."""
    settings = bench.settings
    data = (
        WindowVerdict(verdict=Verdict.NOT_ENOUGH_DATA, n=0, notes=("No rows.",))
        if tally is None
        else bench.hear(window, tally.counts)
    )
    quiet = quiet_run(stream, window.start, settings.window_seconds)
    served = [] if tally is None else bench.serves(tally.counts, live=is_live(stream, settings))
    findings = (*data.findings, *served, judge_silence(rows, quiet))
    verdicts = [data.verdict, *(finding.verdict for finding in findings)]
    return msgspec.structs.replace(data, verdict=worst(verdicts), n=max(data.n, rows), findings=findings)


def _reason(window: Window, revision: int) -> str:
    return f"window {moment(window.start)} to {moment(window.end)}" + (f", revision {revision}" if revision > 1 else "")
