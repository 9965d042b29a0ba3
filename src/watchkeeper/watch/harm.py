"""Harm seen live: is a version wrong more often than it used to be, on labels?

Labels come late, so this is a pass of its own: a window is judged when its labels are mature (nine in ten have come),
once, in order of time. Of the last 120 windows the oldest 20 say how the version ordinarily moves; those after them are
judged against it, one by one (`monitors.harm`). What that means for alerts is written with how far the pass has come in
ONE transaction, so a crash repeats a window with the same result, and nobody is told twice. Corrections that come after
a window was judged show in its metrics, and count in every later judgement, but wake nobody by themselves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

import numpy as np

from watchkeeper.alerts.advance import Judged, advance
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.harm import BlockLosses, judge_series
from watchkeeper.notify.payload import notice_payload
from watchkeeper.performance.losses import losses
from watchkeeper.report.words import moment
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import is_live
from watchkeeper.watch.registry import Registry

EVERY_SECONDS = 300.0
WINDOWS, ORDINARY = 120, 20
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

    def due(self) -> int:
        """Judge what is mature, every five minutes; how many windows."""
        now = self._clock()
        if now < self._next:
            return 0
        self._next = now + EVERY_SECONDS
        return self.run()

    def run(self) -> int:
        """Judge what is mature, now; how many windows."""
        self._registry.refresh()
        streams = self._store.windows.streams()
        versions = {
            (source.model, source.version) for source, scored in self._store.performance.totals() if scored.rows
        }
        return sum(self._version(model, version, streams.get(model)) for model, version in sorted(versions))

    def _version(self, model: str, version: str, stream: Stream | None) -> int:
        settings = self._registry.settings(model)
        if settings is None or stream is None:
            return 0
        now = self._clock() if is_live(stream, settings) else stream.newest_event
        try:
            found = self._findings(model, version, settings, now)
        except Exception:  # noqa: BLE001 — one version that cannot be judged must not stop the others
            _log.exception("Labels of %s %s cannot be judged.", model, version)
            return 0
        told = self._store.positions.get(_consumer(model, version))
        fresh = [(start, finding) for start, finding in found if start > told]
        for start, finding in fresh:
            window = Judged(
                model=model, version=version, start=start, end=start + settings.window_seconds, findings=(finding,)
            )
            self._write(window)
        return len(fresh)

    def _findings(self, model: str, version: str, settings: ModelSettings, now: float) -> list[tuple[int, Finding]]:
        width = settings.window_seconds
        end = int(now) // width * width
        windows = labelled_windows(
            self._store.performance, (model, version), (max(0, end - WINDOWS * width), end), width
        )
        return harm_of(windows, now)

    def _write(self, window: Judged) -> None:
        store, now = self._store, self._clock()
        with store.begin():
            known = [alert for alert in store.alerts.newest(window.model, window.version) if alert.cause is Cause.HARM]
            changed = advance(known, window, self._policy)
            store.alerts.save(changed.alerts, now, f"labels of {moment(window.start)} to {moment(window.end)}")
            for notice in changed.notices:
                for target in self._targets:
                    store.outbox.add(notice.id, notice.alert.id, target, notice_payload(notice), now)
            store.positions.set(_consumer(window.model, window.version), window.start)


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


def _consumer(model: str, version: str) -> str:
    return f"harm {model} {version}"
