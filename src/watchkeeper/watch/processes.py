"""Watchkeeper's own processes, by their heartbeats: each minute judged, one alert a cause.

Alerts on Watchkeeper itself are kept as those on models are, under a reserved name: `watchkeeper` for the model, the
process for the version, minutes of the clock for windows. A process that never beat is not expected to run. Nobody is
called silent before this process itself has run for as long: at a start the others' last beats are old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from watchkeeper.alerts.advance import Judged, advance
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.names import ITSELF
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.process import Beat, ProcessPolicy, judge_heartbeat, judge_process
from watchkeeper.notify.payload import notice_payload
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store

MINUTE = 60


class Processes:
    """Judges the heartbeats in the store. `targets` are where every notice goes (`notify`)."""

    def __init__(
        self,
        store: Store,
        *,
        targets: Sequence[str] = ("log",),
        clock: Callable[[], float] = time.time,
        limits: ProcessPolicy | None = None,
        policy: AlertPolicy | None = None,
    ) -> None:
        self._store, self._targets, self._clock = store, tuple(targets), clock
        self._limits, self._policy = limits or ProcessPolicy(), policy or AlertPolicy()
        self._since = clock()
        self._before: dict[str, Heartbeat] = {}
        self._judged = -1

    def run(self) -> int:
        """Judge every process, at most once in a minute of the clock; how many were judged."""
        now = self._clock()
        minute = int(now // MINUTE)
        if minute == self._judged:
            return 0
        beats = self._store.heartbeats.all()
        for beat in beats:
            self._weigh(beat.process, self._findings(beat, now), minute * MINUTE, now)
        self._before = {beat.process: beat for beat in beats}
        self._judged = minute  # last: a minute that could not be written is judged again
        return len(beats)

    def _findings(self, beat: Heartbeat, now: float) -> tuple[Finding, ...]:
        alive = judge_heartbeat(beat.process, max(0.0, now - max(beat.at, self._since)), self._limits)
        said = beat.stats if alive.verdict is Verdict.OK else {}
        before = self._before.get(beat.process)
        earlier = None if before is None or before.started_at != beat.started_at else _beat(before)
        return (
            alive,
            *judge_process(beat.process, Beat(at=beat.at, stats=said), earlier, self._limits),
        )

    def _weigh(self, process: str, findings: tuple[Finding, ...], start: int, now: float) -> None:
        judged = Judged(model=ITSELF, version=process, start=start, end=start + MINUTE, findings=findings)
        with self._store.begin():
            changed = advance(self._store.alerts.newest(ITSELF, process), judged, self._policy)
            self._store.alerts.save(changed.alerts, now, f"heartbeats of {process}")
            for notice in changed.notices:
                for target in self._targets:
                    self._store.outbox.add(notice.id, notice.alert.id, target, notice_payload(notice), now)


def _beat(beat: Heartbeat) -> Beat:
    return Beat(at=beat.at, stats=beat.stats)
