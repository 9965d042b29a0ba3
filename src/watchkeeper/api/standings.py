"""Where each version stands on labels, for gauges: looked at again after a minute, and never so that a scrape waits.

Of each window is kept what labels say, packed into a few hundred bytes, and read again only where a label has come
(store/kept_windows.py). All versions are looked at for at most a second each time they are asked for, at least one of
them, those never looked at first and then the oldest; the others stand as they last did, or are left out until their
turn comes.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Any, NamedTuple

import numpy as np

from watchkeeper.api.context import Context
from watchkeeper.api.estimates import RECORD_SPAN, LiveWindows, estimates
from watchkeeper.api.performance import as_of
from watchkeeper.api.span import Span
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.estimated_loss import READ_FROM
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.store.buckets import Source
from watchkeeper.store.kept_windows import KeptWindows
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.performance import Scored, read_layouts
from watchkeeper.store.scored_windows import ScoredWindow, labelled_sources
from watchkeeper.store.versions import LIVE, Version
from watchkeeper.tallies.tally import IntArray, Tally

KEPT_SECONDS = 60.0
WORK_SECONDS = 1.0


class Standing(NamedTuple):
    """`name` is the main metric, `metric` its value in the mature window that ends at `end`; None before the first.

    `estimated` is its estimate in the window that ends at `estimated_end`, None without one of a good record.
    """

    name: str
    metric: Metric | None
    end: int
    coverage: float | None
    arrived: float | None
    estimated: Metric | None = None
    estimated_end: int = 0


class _Packed(NamedTuple):
    counts: bytes
    delays: bytes
    rows: int
    metrics: dict[str, Metric]


class Standings:
    """Standings of all versions of a store; `work` is how many seconds `all` may look at versions."""

    def __init__(self, context: Context, work: float = WORK_SECONDS) -> None:
        self._context, self._work, self._lock = context, work, threading.Lock()
        self._kept = KeptWindows(context.store, _packed, RECORD_SPAN)
        self._told: dict[tuple[str, str], tuple[float, Standing]] = {}

    def all(self) -> dict[tuple[str, str], Standing]:
        """The standing of each version that has labels, as far as they have been looked at."""
        with self._context.store.read() as connection:
            sources = labelled_sources(connection)
        until = time.monotonic() + self._work
        labelled = {(source.model, source.version) for source in sources}
        with self._lock:
            self._kept.forget(dict.fromkeys(sources))
            for of in sorted(filter(self._old, labelled), key=lambda of: (self._at(of), of)):
                self._look(of, [source for source in sources if source[:2] == of])
                if time.monotonic() >= until:
                    break
            self._told = {of: told for of, told in self._told.items() if of in labelled}
            return {of: self._told[of][1] for of in sorted(self._told)}

    def of(self, model: str, version: str) -> Standing:
        """The standing of one version, up to a minute old."""
        with self._lock:
            if self._old((model, version)):
                with self._context.store.read() as connection:
                    self._look((model, version), labelled_sources(connection, model, version))
            return self._told[model, version][1]

    def _at(self, of: tuple[str, str]) -> float:
        return self._told[of][0] if of in self._told else -math.inf

    def _old(self, of: tuple[str, str]) -> bool:
        return not 0 <= self._context.now() - self._at(of) < KEPT_SECONDS

    def _look(self, of: tuple[str, str], sources: list[Source]) -> None:
        self._told[of] = self._context.now(), self._standing(of, sources)

    def _standing(self, of: tuple[str, str], sources: list[Source]) -> Standing:
        context = self._context
        version, now = context.version(*of), as_of(context, of[0])
        width = context.store.versions.model(of[0]).settings.window_seconds
        end = int(now) // width * width + width
        span = (max(0, end - RECORD_SPAN * width), end)
        windows = self._windows(of, sources, span, width, None)
        live = [source for source in sources if source.route == LIVE]
        own = windows if live == sources else self._windows(of, live, span, width, LIVE)
        learned = windows.learned(now)
        young = windows.maturity(learned, windows.starts[-1], now) if windows.starts else None
        standing = Standing(MAIN[version.task], None, 0, None, None if young is None else young.arrived)
        realised = {
            start: packed.metrics for source in live for start, packed in self._kept.read(source, span, width).items()
        }
        standing = standing._replace(
            **_estimated(
                context, version, LiveWindows(own, realised, _names(version.task)), Span(start=span[0], end=end), now
            )
        )
        for start in reversed(windows.starts):
            found = windows.maturity(learned, start, now)
            if found.mature and found.labels:
                metric = _main(version, windows, start)
                return standing._replace(metric=metric, end=start + width, coverage=found.coverage)
        return standing

    def _windows(
        self, of: tuple[str, str], sources: list[Source], span: tuple[int, int], width: int, route: str | None
    ) -> LabelledWindows:
        """The windows in `span` with what labels of these sources say, unpacked."""
        text = self._context.store.performance.layout(*of)
        layout, delays = (None, DelayLayout()) if text is None else read_layouts(text)
        predictions = self._context.store.performance.predictions(*of, *span, width, route=route)
        scored: dict[int, Scored] = {}
        for source in sources:
            for start, packed in self._kept.read(source, span, width).items():
                one = _unpacked(start, width, packed)
                scored[start] = scored[start] + one if start in scored else one
        return LabelledWindows(layout, delays, width, tuple(sorted({*predictions, *scored})), predictions, scored)


def _estimated(context: Context, version: Version, live: LiveWindows, span: Span, now: float) -> dict[str, Any]:
    """The newest estimate of the main metric, where the record of the better method is good."""
    found, name = estimates(context, version, live.windows, span, now, live=live), MAIN[version.task]
    record = found.record(found.first).get(name)
    newest = max((start for start in found.windows if name in found.of(start, found.first)), default=None)
    if record is None or not record.good or newest is None:
        return {}
    return {"estimated": found.of(newest, found.first)[name], "estimated_end": newest + live.windows.width}


def _main(version: Version, windows: LabelledWindows, start: int) -> Metric | None:
    counts = windows.at(start).counts
    if windows.layout is None or counts is None:
        return None
    return metrics(windows.layout, counts).get(MAIN[version.task])


def _packed(layout: Layout, _: DelayLayout, window: ScoredWindow) -> _Packed:
    if window.counts is None:
        return _Packed(b"", _bytes(window.delays), 0, {})
    rows, found = int(layout.cells.rows(window.counts[None])[0]), metrics(layout, window.counts)
    told = {name: found[name] for name in _names(layout.kind) if name in found}
    return _Packed(_bytes(window.counts), _bytes(window.delays), rows, told)


def _names(task: str) -> tuple[str, ...]:
    """The metrics that a version is looked at by, and that its estimates are ordered by."""
    return tuple({MAIN[task], READ_FROM.get(task, MAIN[task])})


def _bytes(counts: IntArray | None) -> bytes:
    return b"" if counts is None else Tally(counts, np.zeros(0), np.zeros(0)).to_bytes()


def _unpacked(start: int, width: int, packed: _Packed) -> Scored:
    counts, delays = (Tally.from_bytes(part).counts if part else None for part in packed[:2])
    return Scored(start, width, counts, packed.rows, delays=delays)
