"""Labels are asked for as windows close: a random sample of each, and more where it left doubt.

What is asked depends on the rows of a window and on the labels that came, never on when this runs: a sample is the
lowest by hash, so a restart asks for the same predictions again, which changes nothing. Only windows that close while
asking is switched on are asked for, and at most the last `BACK`, so that a replayed history does not fill the queue.
A window is asked for more once nearly all of its first requests were answered, skipped or have expired: a few may wait
on, such as those that are left to people to check a rater. Doubt goes by labels of the live route, whose rows are asked
for. A pass over many models pauses after a second, for rows wait, and goes on at the next turn.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.asking import Ask, AskPolicy, first_ask, further_ask, worth_having
from watchkeeper.monitors.suspicion import Suspicion
from watchkeeper.performance.sampling import draw
from watchkeeper.store.buckets import Source
from watchkeeper.store.label_requests import AskedWindow, LabelRequest
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE, ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.tallies.tally import FloatArray, IntArray
from watchkeeper.watch.cadence import rests
from watchkeeper.watch.closing import complete_until
from watchkeeper.watch.label_blocks import LabelReader, block_losses
from watchkeeper.watch.line import Line
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.rounds import WORK_SECONDS

EVERY_SECONDS = 60.0
BACK, WINDOWS, ORDINARY = 3, 120, 20
LEAST_ORDINARY = 8
STILL_OPEN = 0.2
"""Share of a window's first requests that may still wait when it is judged whether to ask for more."""

_log = logging.getLogger(__name__)


class Asking:
    """Fills the queue of label requests of every model that asks for labels."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        clock: Callable[[], float] = time.time,
        labels: LabelReader | None = None,
    ) -> None:
        self._store, self._registry, self._clock = store, registry, clock
        self._labels, self._line = labels or LabelReader(store), Line[str]()
        self._last = -math.inf

    @property
    def waiting(self) -> int:
        """How many are still to be looked at."""
        return len(self._line)

    def due(self) -> int:
        """Ask for some models' labels, each about once a minute; how many requests were made."""
        now = self._clock()
        if not rests(self._last, now, EVERY_SECONDS):
            self._last = now
            self._line.line_up(self._store.windows.streams())
        return self._work(now + WORK_SECONDS)

    def run(self) -> int:
        """Ask now; how many requests were made."""
        self._line.line_up(self._store.windows.streams())
        return self._work(math.inf)

    def _work(self, until: float) -> int:
        self._registry.refresh()
        streams = self._store.windows.streams()
        return sum(self._model(model, streams[model]) for model in self._line.take(until, self._clock))

    def _model(self, model: str, stream: Stream) -> int:
        self._store.label_requests.settle(model, self._clock())
        settings = self._registry.settings(model)
        if settings is None or not settings.ask_labels:
            return 0
        made = 0
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
        span = max(0, until - WINDOWS * width), until
        asked = {one.start: one for one in self._store.label_requests.windows(model, version, span[0])}
        rows = self._store.performance.predictions(model, version, *span, width, route=LIVE)
        policy = AskPolicy(first=settings.ask_labels, more=settings.ask_more)
        made = 0
        for start in sorted(start for start in rows.keys() - asked.keys() if start >= until - BACK * width):
            made += self._ask(model, version, (start, start + width), settings, first_ask(policy, rows[start]))
        settled = {one.start: one for one in asked.values() if _is_settled(one) and one.asked <= policy.first}
        if settled and policy.more:
            known = self._labels.seen(Source(model, version, LIVE), span, width)
            for start, ask in _further(*known, rows, settled, policy):
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


def _further(
    starts: IntArray,
    losses: FloatArray,
    rows: Mapping[int, int],
    settled: Mapping[int, AskedWindow],
    policy: AskPolicy,
) -> list[tuple[int, Ask]]:
    """Those of the `settled` windows that are in doubt, with what more to ask; nothing before 8 ordinary ones.

    `losses` (K, 3) are those of the windows at `starts` (K,) that have labels, `rows` how many predictions any has.
    """
    later = min(ORDINARY, max(LEAST_ORDINARY, len(starts) - 1))
    try:
        suspicion = Suspicion(block_losses(losses[:later]))
    except BadInput:
        return []
    level, asks, needed = suspicion.start(), [], worth_having(suspicion)
    for start, (mean, labels, _) in zip(starts[later:].tolist(), losses[later:].tolist(), strict=True):
        total = rows.get(start, round(labels))
        level, doubt = suspicion.update(level, mean, labels, total)
        before = settled.get(start)
        ask = None if before is None else further_ask(policy, doubt, asked=before.asked, rows=total, needed=needed)
        if ask is not None:
            asks.append((start, ask))
    return asks


def _is_settled(window: AskedWindow) -> bool:
    return window.answered > 0 and window.open <= STILL_OPEN * window.asked
