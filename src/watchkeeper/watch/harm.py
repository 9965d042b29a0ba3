"""Harm seen live: is a version wrong more often than it used to be, on labels?

Labels come late, so this is a pass of its own: a window is judged when its labels are mature (nine in ten have come),
once, in order of time. Of the last 120 windows the oldest 20 say how the version ordinarily moves; those after them are
judged against it, one by one (`monitors.harm`). What that means for alerts is written with how far the pass has come in
ONE transaction, so a crash repeats a window with the same result, and nobody is told twice. Where corrections or
withdrawals have come since, the windows from the first corrected one on are judged again: alerts that this changes are
marked as revised, and nobody is told again what was told before.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.harm import BlockLosses, judge_series
from watchkeeper.performance.losses import losses
from watchkeeper.report.words import moment
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import is_live
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.telling import write_window

EVERY_SECONDS = 300.0
PACE_WINDOWS = 10
"""A replay is judged by its own time: once its events have moved on so far, too."""
WINDOWS, ORDINARY = 120, 20
CAUSES = frozenset({Cause.HARM, Cause.BIAS})
"""What this pass tells of."""
_log = logging.getLogger(__name__)


class HarmWatch:
    """Judges mature windows of every version that has labels. `targets` are where every notice goes."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
        policy: AlertPolicy | None = None,
    ) -> None:
        self._store, self._registry, self._targets, self._clock = store, registry, tuple(targets), clock
        self._policy = policy or AlertPolicy()
        self._next = 0.0
        self._reached: dict[str, float] = {}

    def due(self) -> int:
        """Judge what is mature, every five minutes or ten windows of a replay; how many windows."""
        now = self._clock()
        reached = {model: stream.newest_event for model, stream in self._store.windows.streams().items()}
        if now < self._next and not self._moved_on(reached):
            return 0
        self._next, self._reached = now + EVERY_SECONDS, reached
        return self.run()

    def _moved_on(self, reached: dict[str, float]) -> bool:
        """Whether the events of a model have moved on by ten windows since the last time."""
        for model, event in reached.items():
            settings = self._registry.settings(model)
            if settings and event - self._reached.setdefault(model, event) >= PACE_WINDOWS * settings.window_seconds:
                return True
        return False

    def run(self) -> int:
        """Judge what is mature, now; how many windows."""
        self._registry.refresh()
        streams = self._store.windows.streams()
        corrected: Counter[tuple[str, str]] = Counter()
        for source, scored in self._store.performance.totals():
            if scored.rows or scored.corrected:
                corrected[source.model, source.version] += scored.corrected
        return sum(self._version(of, streams.get(of[0]), n) for of, n in sorted(corrected.items()))

    def _version(self, of: tuple[str, str], stream: Stream | None, corrected: int) -> int:
        """Judge a version's windows that are new, and again those that its `corrected` corrections since may change."""
        settings = self._registry.settings(of[0])
        if settings is None or stream is None:
            return 0
        now = self._clock() if is_live(stream, settings) else stream.newest_event
        try:
            windows = self._windows(of, settings, now)
            found = harm_of(windows, now)
        except Exception:  # noqa: BLE001 — one version that cannot be judged must not stop the others
            _log.exception("Labels of %s %s cannot be judged.", *of)
            return 0
        told = self._store.positions.get(_consumer(of))
        judged = self._again(of, windows, found, told, corrected)
        for start, finding in found:
            if start > told:
                with self._store.begin():
                    self._write(_judged(of, windows.width, start, (finding,)))
                    self._store.positions.set(_consumer(of), start)
                judged += 1
        return judged

    def _again(
        self,
        of: tuple[str, str],
        windows: LabelledWindows,
        found: Sequence[tuple[int, Finding]],
        told: int,
        corrected: int,
    ) -> int:
        """Judge again what corrections since the last pass may change, in one transaction; how many windows.

        The sums run on from block to block, so it is every judged window from the first corrected one on. One that has
        too few labels left says nothing any more.
        """
        store, heard = self._store, f"{_consumer(of)} corrections"
        if corrected == store.positions.get(heard):
            return 0
        first = min((start for start in windows.starts if windows.at(start).corrected), default=told + 1)
        said = {start: (finding,) for start, finding in found}
        with store.begin():
            spoke = {start for alert in self._alerts(of) for start, _ in alert.track.signals}
            starts = [start for start in sorted(said.keys() | spoke) if first <= start <= told]
            for start in starts:
                self._write(_judged(of, windows.width, start, said.get(start, ())))
            store.positions.set(heard, corrected)
        return len(starts)

    def _windows(self, of: tuple[str, str], settings: ModelSettings, now: float) -> LabelledWindows:
        width = settings.window_seconds
        end = int(now) // width * width
        return labelled_windows(self._store.performance, of, (max(0, end - WINDOWS * width), end), width)

    def _alerts(self, of: tuple[str, str]) -> list[Alert]:
        return [alert for alert in self._store.alerts.newest(*of) if alert.cause in CAUSES]

    def _write(self, window: Judged) -> None:
        """Inside the open transaction: what a window means for alerts, and whom to tell."""
        reason = f"labels of {moment(window.start)} to {moment(window.end)}"
        now, policy, targets = self._clock(), self._policy, self._targets
        write_window(self._store, window, CAUSES, policy=policy, targets=targets, now=now, reason=reason)


def _judged(of: tuple[str, str], width: int, start: int, findings: tuple[Finding, ...]) -> Judged:
    return Judged(model=of[0], version=of[1], start=start, end=start + width, findings=findings)


def harm_of(windows: LabelledWindows, now: float) -> list[tuple[int, Finding]]:
    """A finding for every mature window after the ordinary ones: (start, finding), by time."""
    if windows.layout is None:
        return []
    learned = windows.learned(now)
    ready = [
        (start, counts)
        for start in windows.starts
        if (counts := windows.at(start).counts) is not None and windows.maturity(learned, start, now).mature
    ]
    if len(ready) <= ORDINARY:
        return []
    mean, rows, variance = losses(windows.layout, np.stack([counts for _, counts in ready]))
    ordinary = BlockLosses.of(mean[:ORDINARY], rows[:ORDINARY], variance[:ORDINARY])
    later = BlockLosses.of(mean[ORDINARY:], rows[ORDINARY:], variance[ORDINARY:])
    starts = np.array([start for start, _ in ready[ORDINARY:]], np.int64)
    return list(zip(starts.tolist(), judge_series(later, ordinary, starts=starts), strict=True))


def _consumer(of: tuple[str, str]) -> str:
    return f"harm {of[0]} {of[1]}"
