"""Labels are asked for as windows close: a random sample of each, and more where it left doubt.

What is asked depends on the rows of a window and on the labels that came, never on when this runs: a sample is the
lowest by hash, so a restart asks for the same predictions again, which changes nothing. Only windows that close while
asking is switched on are asked for, and at most the last `BACK`, so that a replayed history does not fill the queue.
A window is asked for more once nearly all of its first requests were answered, skipped or have expired: a few may wait
on, such as those that are left to people to check a rater.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.asking import Ask, AskPolicy, first_ask, further_ask, worth_having
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.suspicion import Suspicion
from watchkeeper.performance.losses import losses
from watchkeeper.performance.sampling import draw
from watchkeeper.store.label_requests import AskedWindow, LabelRequest
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE, ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import complete_until
from watchkeeper.watch.registry import Registry

EVERY_SECONDS = 60.0
BACK, WINDOWS, ORDINARY = 3, 120, 20
LEAST_ORDINARY = 8
STILL_OPEN = 0.2
"""Share of a window's first requests that may still wait when it is judged whether to ask for more."""

_log = logging.getLogger(__name__)


class Asking:
    """Fills the queue of label requests of every model that asks for labels."""

    def __init__(self, store: Store, registry: Registry, *, clock: Callable[[], float] = time.time) -> None:
        self._store, self._registry, self._clock = store, registry, clock
        self._next = 0.0

    def due(self) -> int:
        """Ask, once a minute; how many requests were made."""
        if self._clock() < self._next:
            return 0
        self._next = self._clock() + EVERY_SECONDS
        return self.run()

    def run(self) -> int:
        """Ask now; how many requests were made."""
        self._registry.refresh()
        made = 0
        for model, stream in self._store.windows.streams().items():
            self._store.label_requests.settle(model, self._clock())
            settings = self._registry.settings(model)
            if settings is None or not settings.ask_labels:
                continue
            for version in self._store.versions.versions(model):
                try:
                    made += self._version(model, version.version, settings, stream)
                except Exception:  # noqa: BLE001 — one version that cannot be asked for must not stop the others
                    _log.exception("Labels of %s %s cannot be asked for.", model, version.version)
            self._store.label_requests.settle(model, self._clock())  # some were labelled before anyone was asked
        return made

    def _version(self, model: str, version: str, settings: ModelSettings, stream: Stream) -> int:
        width = settings.window_seconds
        until = int(complete_until(stream, settings, self._clock())) // width * width
        windows = labelled_windows(
            self._store.performance, (model, version), (max(0, until - WINDOWS * width), until), width
        )
        asked = {one.start: one for one in self._store.label_requests.windows(model, version, until - WINDOWS * width)}
        rows = self._store.performance.predictions(model, version, until - BACK * width, until, width, route=LIVE)
        policy = AskPolicy(first=settings.ask_labels, more=settings.ask_more)
        made = 0
        for start in sorted(set(rows) - set(asked)):
            made += self._ask(model, version, (start, start + width), settings, first_ask(policy, rows[start]))
        for start, ask in _further(windows, list(asked.values()), policy):
            made += self._ask(model, version, (start, start + width), settings, ask)
        return made

    def _ask(self, model: str, version: str, span: tuple[int, int], settings: ModelSettings, ask: Ask | None) -> int:
        if ask is None:
            return 0
        ids, rows = self._store.label_requests.sample(model, version, span, ask.size)
        now = self._clock()
        requests = [
            LabelRequest(
                prediction_id=drawn.prediction_id,
                version=version,
                window_start=span[0],
                window_end=span[1],
                rows=rows,
                probability=drawn.probability,
                reason=ask.reason,
                why=ask.why,
                asked_at=now,
                deadline=now + settings.label_deadline_seconds,
                changed_at=now,
            )
            for drawn in draw(ids, rows, ask.size, after=ask.had)
        ]
        self._store.label_requests.add(model, requests)
        return len(requests)


def _further(windows: LabelledWindows, asked: list[AskedWindow], policy: AskPolicy) -> list[tuple[int, Ask]]:
    """Windows whose first labels have come and left doubt, with what more to ask; nothing before 8 ordinary ones."""
    if windows.layout is None or not policy.more:
        return []
    known = [start for start in windows.starts if windows.at(start).counts is not None]
    settled = {one.start: one for one in asked if _is_settled(one) and one.asked <= policy.first}
    later = known[min(ORDINARY, max(LEAST_ORDINARY, len(known) - 1)) :]
    ordinary = known[: len(known) - len(later)]
    if not settled or not later:
        return []
    found = np.stack([counts for start in known if (counts := windows.at(start).counts) is not None])
    mean, rows, variance = losses(windows.layout, found)
    taught = slice(0, len(ordinary))
    try:
        suspicion = Suspicion(BlockLosses.of(mean[taught], rows[taught], variance[taught]))
    except BadInput:
        return []
    level, asks, needed = suspicion.start(), [], worth_having(suspicion)
    for place, start in enumerate(later, len(ordinary)):
        total = windows.predictions.get(start, windows.at(start).rows)
        level, doubt = suspicion.update(level, float(mean[place]), float(rows[place]), total)
        before = settled.get(start)
        if before is None:
            continue
        ask = further_ask(policy, doubt, asked=before.asked, rows=total, needed=needed)
        if ask is not None:
            asks.append((start, ask))
    return asks


def _is_settled(window: AskedWindow) -> bool:
    return window.answered > 0 and window.open <= STILL_OPEN * window.asked
