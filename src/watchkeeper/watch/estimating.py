"""What each closed window's scores lead one to expect, before any of its labels came: kept, judged, and told.

A window is estimated once, in order of time, as soon as it has closed and enough was mature before it to learn from
(teaching.py); what scores mean is learned anew for each run of four windows, from what was mature before the run. So an
estimate goes by earlier windows only, never by when this pass runs. It is written with what it means for alerts in ONE
transaction: a crash repeats a window, with the same result, and nobody is told twice.

Corrections that come later leave an estimate as it was shown; the labels of windows that taught it are those that stood
when it was made. Late rows of the window itself are another matter: the number of rows that an estimate is of then is
no longer that of the window, and it is estimated again, which marks the alerts that this changes as revised. A window
that had nobody to learn from is kept with the reason, and tried again when labels have come.

Only what the live route answered is estimated and teaches, as only that is judged on labels (harm.py): the two are of
the same rows, and a version that is tried in the shadow tells nobody of harm that it cannot do.

A window is judged by the method with the better record by the time it closed. The record is of windows whose labels
were mature by then (store/estimator_records.py); without a good one it alarms nobody.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.report.words import moment
from watchkeeper.store.known_by import LOOK_BACK
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE, Version
from watchkeeper.store.windows import Stream
from watchkeeper.watch.cadence import Cadence
from watchkeeper.watch.closing import complete_until
from watchkeeper.watch.estimators import first_method
from watchkeeper.watch.expecting import RUN, Expecting, Whose
from watchkeeper.watch.features import Features
from watchkeeper.watch.line import Line
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.rounds import WORK_SECONDS
from watchkeeper.watch.telling import write_window

WINDOWS = 120
WORK = 8
"""So many windows are estimated at a turn, a version that was read counting as one: rows must not wait behind it."""
CAUSES = frozenset({Cause.HARM_ESTIMATED})
"""What this pass tells of."""
_log = logging.getLogger(__name__)
Of = tuple[str, str]
"""A model and a version."""


class _Pass(NamedTuple):
    """What a pass found: predictions by start of window, what could teach, and whether every window is `done`."""

    rows: Mapping[int, int]
    teachers: tuple[int, str | None]
    done: bool


class _Closed(NamedTuple):
    """A version whose windows of `width` seconds have closed until `end`; `labels` is how often feedback changed it."""

    version: Version
    width: int
    end: int
    labels: int

    @property
    def of(self) -> Of:
        return self.version.model, self.version.version

    @property
    def teachers(self) -> tuple[int, str | None]:
        """What may teach it: labels, and the labelled reference."""
        return self.labels, self.version.performance_digest


class _Done(NamedTuple):
    """Windows that were estimated, versions that were read for it, and whether there is more to do of the last."""

    made: int = 0
    read: int = 0
    more: bool = False

    def then(self, other: _Done) -> _Done:
        return _Done(self.made + other.made, self.read + other.read, other.more)


class EstimateWatch:
    """Estimates closed windows of every version. `targets` are where every notice goes.

    `read_until` gives the Unix time up to which the journal has been read, infinity when nothing waits in it.
    """

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
        policy: AlertPolicy | None = None,
        read_until: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._store, self._registry, self._targets, self._clock = store, registry, tuple(targets), clock
        self._policy, self._read_until = policy or AlertPolicy(), read_until
        self._cadence, self._line = Cadence(registry), Line[Of]()
        self._labels: Counter[Of] = Counter()
        self._last: dict[Of, _Pass] = {}
        self._cells: dict[Of, FeatureCells | None] = {}

    @property
    def waiting(self) -> int:
        """How many are still to be looked at."""
        return len(self._line)

    def due(self) -> int:
        """Estimate what has closed, every five minutes or ten windows of a replay; how many windows."""
        streams, now = self._store.windows.streams(), self._clock()
        if self._cadence.due(streams, now):
            self._line_up(streams)
        return self._work(streams, WORK, now + WORK_SECONDS)

    def run(self, work: int = WORK) -> int:
        """Estimate what has closed, now, some windows at once; how many."""
        streams = self._store.windows.streams()
        self._line_up(streams)
        return self._work(streams, work, math.inf)

    def _line_up(self, streams: Mapping[str, Stream]) -> None:
        """Every version of a model whose rows come, and how often feedback changed what is known of each."""
        self._registry.refresh()
        self._labels = Counter()
        for source, scored in self._store.performance.totals():
            if scored.rows and source.route == LIVE:
                self._labels[source.model, source.version] += scored.revision
        self._line.line_up((model, one.version) for model in streams for one in self._store.versions.versions(model))

    def _work(self, streams: Mapping[str, Stream], work: int, until: float) -> int:
        done = _Done()
        waiting = self._line.take(until, self._clock)
        while done.made + done.read < work and (of := next(waiting, None)) is not None:
            if of[0] in streams:
                done = done.then(self._tried(of, streams[of[0]], work - done.made))
                if done.more:
                    self._line.again(of)
        return done.made

    def _closed(self, of: Of, stream: Stream) -> _Closed | None:
        settings = self._registry.settings(of[0])
        if settings is None:
            return None
        width, known = settings.window_seconds, min(self._clock(), self._read_until())
        # nothing came after the window of the newest event
        until = min(complete_until(stream, settings, known), stream.newest_event + width)
        return _Closed(self._store.versions.version(*of), width, int(until) // width * width, self._labels[of])

    def _tried(self, of: Of, stream: Stream, work: int) -> _Done:
        try:
            closed = self._closed(of, stream)
            return _Done() if closed is None else self._version(closed, work)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 — one version that cannot be estimated must not stop the others
            _log.exception("Windows of %s %s cannot be estimated.", *of)
            return _Done()

    def _version(self, closed: _Closed, work: int) -> _Done:
        """Estimate what is new in a version's newest 120 windows, `work` of them at most."""
        of, width, end = closed.of, closed.width, closed.end
        first = max(0, end - WINDOWS * width)
        rows = self._store.performance.predictions(*of, first, end, width, route=LIVE)
        if not rows or not any(closed.teachers) or self._unchanged(closed, rows):
            return _Done()
        since = max(0, first - (LOOK_BACK + RUN) * width)
        windows = labelled_windows(self._store.performance, of, (since, end), width, route=LIVE, said=True)
        if not first_method(windows.layout):
            self._last[of] = _Pass(rows, closed.teachers, done=True)
            return _Done(read=1)
        whose = Whose(model=of[0], version=of[1], task=closed.version.task, reference=self._registry.performance(*of))
        kept = self._store.estimates.of(*of, since, end)
        expecting = Expecting(whose, windows, kept, self._features(closed.version, windows))
        todo = [start for start in sorted(rows) if not expecting.done(start)]
        made = 0
        for start in todo:
            if made == work:
                return _Done(made, read=1, more=True)
            made += self._window(of, expecting, (start, start + width))
        self._last[of] = _Pass(rows, closed.teachers, all(expecting.done(start) for start in todo))
        return _Done(made, read=1)

    def _features(self, version: Version, windows: LabelledWindows) -> Features | None:
        """How features of the version are read; None where its reference has none that can be."""
        of = version.model, version.version
        if of not in self._cells:
            try:
                reference = self._registry.reference(*of)
                self._cells[of] = FeatureCells.of(reference.binning, reference.whole.counts)
            except (BadInput, NotFound):
                self._cells[of] = None
        cells = self._cells[of]
        return None if cells is None else Features(self._store, version, cells, windows)

    def _unchanged(self, closed: _Closed, rows: Mapping[int, int]) -> bool:
        last = self._last.get(closed.of)
        return last is not None and last.rows == rows and (last.done or last.teachers == closed.teachers)

    def _window(self, of: Of, expecting: Expecting, span: tuple[int, int]) -> bool:
        """Whether the window could be estimated; what it means is written with it."""
        made = expecting.estimate(span[0], self._clock())
        if not made:
            return False
        known = any(one.metrics for one in made)
        finding = expecting.finding(span[0]) if known else None
        with self._store.begin():
            self._store.estimates.put(made)
            if finding is not None:
                self._tell(Judged(model=of[0], version=of[1], start=span[0], end=span[1], findings=(finding,)))
        return known

    def _tell(self, window: Judged) -> None:
        """Inside the open transaction: what a window means for alerts, and whom to tell."""
        reason = f"estimate of {moment(window.start)} to {moment(window.end)}"
        now, policy, targets = self._clock(), self._policy, self._targets
        write_window(self._store, window, CAUSES, policy=policy, targets=targets, now=now, reason=reason)
