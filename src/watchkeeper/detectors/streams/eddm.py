"""EDDM, early drift detection: do errors come closer together than they ever did?

The distance between two errors has mean p' and standard deviation s'. The largest p' + 2 s' is kept; a warning when
the present one is below `warning` of it, an alarm when it is below `drift` of it, after `warmup` errors.

Sees: an error rate that rises slowly from a low level, earlier than DDM. Cannot see: one that falls. The largest value
is the best of many looks at a noisy figure, so **it alarms on streams without any change again and again**; it is here
because people ask for it. Do not let it page anyone.
Parameters: `warning`, `drift` (shares of the largest), `warmup`. Takes errors, 0 or 1. `since` is where the warning
began.
Run length without change (bench/run_length.py, 100 streams of 10,000): 556 errors at rate 0.1 (531 – 583); 96 of the
100 streams alarmed.

Agrees with River 0.26 on the positions of alarms.
Baena-Garcia, del Campo-Avila, Fidalgo, Bifet, Gavalda, Morales-Bueno, *Early drift detection method*, IWKDDS 2006.

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> errors = np.concatenate([rng.random(1000) < 0.1, rng.random(1000) < 0.3])
>>> state = Eddm().start()
>>> alarm = next(signal for signal in map(state.update, errors) if signal.alarm)
>>> alarm.position, alarm.since
(299, 299)

That alarm is false: the change is at 1,001.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.detectors.streams.signal import Signal, missing, read_error, require
from watchkeeper.events.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Eddm:
    """The parameters; the module says what they mean."""

    warning: float = 0.95
    drift: float = 0.9
    warmup: int = 30

    def __post_init__(self) -> None:
        require(0 < self.drift <= self.warning <= 1, "drift is above 0 and at most warning, which is at most 1.")
        require(self.warmup >= 1, "warmup is 1 or more.")

    def start(self) -> EddmState:
        """A state that has seen nothing."""
        return EddmState(self)


@dataclass(slots=True)
class EddmState:
    """Distances between errors since the last alarm: how many, mean, squared deviations; and the largest p' + 2 s'."""

    policy: Eddm
    seen: int = 0
    n: int = 0
    errors: int = 0
    last: int = 0
    mean: float = 0.0
    squares: float = 0.0
    largest: float = -1.0
    verdict: Verdict = Verdict.NOT_ENOUGH_DATA
    share: float = 1.0
    warned: int | None = None

    def update(self, value: float) -> Signal:
        self.seen += 1
        error = read_error(value)
        if error is None:
            return missing(self.seen, self.policy.drift)
        if self.verdict is Verdict.ALARM:
            self._restart()
        self.n += 1
        if error:
            self._add_error()
        return Signal(
            position=self.seen,
            verdict=self.verdict,
            statistic=self.share,
            threshold=self.policy.drift,
            since=self.warned,
        )

    def _restart(self) -> None:
        self.n = self.errors = self.last = 0
        self.mean = self.squares = 0.0
        self.largest, self.share, self.warned = -1.0, 1.0, None
        self.verdict = Verdict.NOT_ENOUGH_DATA

    def _add_error(self) -> None:
        self.errors += 1
        distance, self.last = self.n - self.last, self.n
        before = distance - self.mean
        self.mean += before / self.errors
        self.squares += before * (distance - self.mean)
        if self.n <= self.policy.warmup:
            return
        size = self.mean + 2 * math.sqrt(self.squares / max(self.errors - 1, 1))
        self.largest = max(self.largest, size)
        self.share = size / self.largest
        if self.errors > self.policy.warmup:
            self._judge()

    def _judge(self) -> None:
        if self.share < self.policy.drift:
            self.verdict = Verdict.ALARM
        elif self.share < self.policy.warning:
            self.verdict = Verdict.WARN
        else:
            self.verdict, self.warned = Verdict.OK, None
            return
        self.warned = self.seen if self.warned is None else self.warned
