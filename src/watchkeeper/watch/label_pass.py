"""What the passes over labels share: which versions are looked at, by what time, and how a window's meaning is told."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from watchkeeper.alerts.advance import Judged
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import Unavailable
from watchkeeper.report.words import moment
from watchkeeper.store.buckets import Source
from watchkeeper.store.scored_windows import Total, totals
from watchkeeper.store.store import Store
from watchkeeper.store.versions import LIVE
from watchkeeper.store.windows import Stream
from watchkeeper.watch.closing import is_live
from watchkeeper.watch.label_blocks import LabelReader
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.rounds import Rounds
from watchkeeper.watch.telling import write_window

T = TypeVar("T")


class LabelPass(ABC, Generic[T]):
    """Judges mature windows of every version that has labels, of what the live route answered.

    `targets` are where every notice goes. A pass tells of its `causes`; `what` names it in the log. Of each version it
    may remember in `_seen` what its last look saw; `_totals` says how much is scored of each.
    """

    causes: ClassVar[frozenset[Cause]]
    what: ClassVar[str]

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
        self._policy, self._labels = policy or AlertPolicy(), labels or LabelReader(store)
        self._totals: Mapping[Source, Total] = {}
        self._seen: dict[Source, T] = {}
        self._rounds = Rounds(store, registry, clock, sources=self._line_up, judge=self._version)

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

    @abstractmethod
    def _judge(self, source: Source, now: float, width: int) -> int:
        """Judge what there is to judge of a version whose windows are `width` seconds long; how many windows."""

    def _line_up(self) -> Collection[Source]:
        """Every version that has labels is to be looked at; those that were gone are forgotten."""
        self._registry.refresh()
        with self._store.read() as connection:
            self._totals = totals(connection, LIVE)
        self._labels.forget(self._totals)
        self._seen = {source: seen for source, seen in self._seen.items() if source in self._totals}
        return self._totals

    def _version(self, source: Source, stream: Stream) -> int:
        settings = self._registry.settings(source.model)
        if settings is None:
            return 0
        now = self._clock() if is_live(stream, settings) else stream.newest_event
        try:
            return self._judge(source, now, settings.window_seconds)
        except Unavailable:
            raise
        except Exception:  # one version that cannot be judged must not stop the others
            log = logging.getLogger(type(self).__module__)
            log.exception("%s of %s %s cannot be judged.", self.what, source.model, source.version)
            return 0

    def _write(self, source: Source, start: int, width: int, findings: tuple[Finding, ...]) -> None:
        """Inside the open transaction: what a window means for alerts, and whom to tell."""
        end = start + width
        window = Judged(model=source.model, version=source.version, start=start, end=end, findings=findings)
        reason = f"labels of {moment(start)} to {moment(end)}"
        now, policy, targets = self._clock(), self._policy, self._targets
        write_window(self._store, window, self.causes, policy=policy, targets=targets, now=now, reason=reason)
