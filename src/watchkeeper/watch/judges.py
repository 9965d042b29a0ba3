"""The judge of each version and the windows it remembers, resumed from the store whenever it is not in memory.

A judge holds no state of its own; what it needs to know of the past are the statistics of earlier windows and which of
their columns were flagged. Both follow from what the store keeps of judged windows, so a restarted worker, or one that
watches more models than fit in memory, judges exactly as one that never stopped.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from watchkeeper.detectors.finding import Finding
from watchkeeper.monitors.history import History
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.service import ServiceWindow, judge_service, service_window
from watchkeeper.monitors.window_verdict import WindowVerdict, flags
from watchkeeper.reference.reference import Reference
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Recent, Window
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.registry import Registry

_KEPT = 1024


@dataclass
class Bench:
    """A judge, what it remembers, and the start of the last window in that (None: only the reference's own blocks)."""

    judge: Judge
    settings: ModelSettings
    history: History
    services: list[ServiceWindow]
    last: int | None

    @property
    def binning(self) -> Binning:
        """The bins of the version."""
        return self.judge.baseline.reference.binning

    def hear(self, window: Window, counts: IntArray) -> WindowVerdict:
        """The judge's verdict on a window (size,)."""
        return self.judge.judge(counts[None], self.history, np.array([window.start]))[0]

    def serves(self, counts: IntArray, *, live: bool) -> list[Finding]:
        """What a window (size,) says of the service; `live`: its events came as they happened."""
        return judge_service(service_window(self.binning, counts), self.services, live=live)

    def follow(self, window: Window, counts: IntArray, verdict: WindowVerdict) -> None:
        """The window is past: it is part of what the next one is held against."""
        self.history = self.judge.follow(self.history, counts[None], [verdict], np.array([window.start]))
        served = service_window(self.binning, counts, verdict.unusual_columns)
        self.services = [*self.services, served][-self.judge.policy.memory :]
        self.last = window.start


class Judges:
    """About a thousand judges in memory (0.3 MB each), the one used longest ago forgotten first."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._registry = store, registry
        self._benches: OrderedDict[tuple[str, str], Bench] = OrderedDict()

    def bench(self, window: Window, settings: ModelSettings) -> Bench:
        """The judge of the window's version, remembering exactly the windows before it."""
        key = (window.model, window.version)
        bench = self._benches.pop(key, None)
        if bench is None or bench.settings != settings or bench.last != self._store.windows.last(window):
            bench = self._resume(window, settings)  # windows need not come in order: rows may open one between others
        self._benches[key] = bench
        while len(self._benches) > _KEPT:
            self._benches.popitem(last=False)
        return bench

    def forget(self, window: Window) -> None:
        """A past window changed: what was remembered of it is no longer so."""
        self._benches.pop((window.model, window.version), None)

    def _resume(self, window: Window, settings: ModelSettings) -> Bench:
        policy = Policy(
            window=settings.window_seconds,
            alarms_per_month=settings.alarms_per_month,
            importance=settings.importance,
        )
        judge = Judge(self._registry.reference(window.model, window.version), policy)
        limit = policy.memory
        recent = self._store.windows.recent(window, limit)
        if recent is None:
            begun = judge.begin(window.start)
            return Bench(_slimmed(judge), settings, begun, [], None)
        history = _remembered(judge, recent, limit)
        binning = judge.baseline.reference.binning
        services = [service_window(binning, *seen) for seen in zip(recent.counts, recent.flagged, strict=True)]
        return Bench(_slimmed(judge), settings, history, services, int(recent.starts[-1]))


def _slimmed(judge: Judge) -> Judge:
    """The same judge without the reference's own blocks, which only a beginning needs: 0.2 MB instead of 50."""
    baseline = judge.baseline
    known = baseline.reference
    judge.baseline = replace(
        baseline,
        reference=Reference(
            schema=known.schema,
            binning=known.binning,
            whole=known.whole,
            rows=known.rows,
            task=known.task,
            classes=known.classes,
        ),
        blocks=np.zeros((len(baseline.blocks), 0), np.int64),
        means=np.zeros((0, 0)),
    )
    return judge


def _remembered(judge: Judge, recent: Recent, limit: int) -> History:
    """The history after the `recent` windows: one at a time, as they were followed, so that every bit is the same."""
    baseline = judge.baseline
    history = judge.begin(int(recent.starts[0]))
    for start, counts, flagged in zip(recent.starts, recent.counts, recent.flagged, strict=True):
        columns = np.array([flags(flagged, baseline.columns)], bool)
        history = history.then(History.of(baseline.statistics, counts[None], columns, np.array([start])), limit)
    return history
