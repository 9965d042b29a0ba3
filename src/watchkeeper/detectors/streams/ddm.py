"""DDM, the drift detection method: has the error rate left the lowest level it had?

After t errors and rights the rate is p with standard deviation s = sqrt(p (1 - p) / t). The lowest p + s is kept as
p_min, s_min. A warning when p + s > p_min + `warning` s_min, an alarm when it is above p_min + `drift` s_min.

Sees: an error rate that rises at once. Cannot see: one that falls; slow rises, which the rate since the beginning
follows; and the longer a stream was stable, the slower it answers. Its minimum is the best of many looks, so the
levels are not those of 2 and 3 sigma: it alarms without change more often than any other detector here but EDDM. A
start without errors (s_min = 0) makes the first error an alarm: use a `warmup` of several expected errors.
Parameters: `warning`, `drift` (in s_min), `warmup`. Takes errors, 0 or 1. `since` is where the warning began.
Run length without change (bench/run_length.py, 100 streams of 10,000): 12,821 errors at rate 0.1 (10,272 – 16,219); 42
of the 100 streams alarmed.

Agrees with River 0.26 on the positions of alarms.
Gama, Medas, Castillo, Rodrigues, *Learning with drift detection*, SBIA 2004.

>>> import numpy as np
>>> rng = np.random.default_rng(2)
>>> errors = np.concatenate([rng.random(1000) < 0.1, rng.random(1000) < 0.3])
>>> state = Ddm(warmup=100).start()
>>> alarm = next(signal for signal in map(state.update, errors) if signal.alarm)
>>> alarm.position, alarm.since
(1083, 1056)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.detectors.streams.signal import Signal, missing, read_error, require
from watchkeeper.events.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Ddm:
    """The parameters; the module says what they mean."""

    warning: float = 2.0
    drift: float = 3.0
    warmup: int = 30

    def __post_init__(self) -> None:
        require(0 < self.warning <= self.drift, "warning is above 0 and at most drift.")
        require(self.warmup >= 1, "warmup is 1 or more.")

    def start(self) -> DdmState:
        """A state that has seen nothing."""
        return DdmState(self)


@dataclass(slots=True)
class DdmState:
    """Errors since the last alarm, the lowest p and s, and where the present warning began."""

    policy: Ddm
    seen: int = 0
    n: int = 0
    rate: float = 0.0
    lowest: tuple[float, float] = (math.inf, 0.0)
    warned: int | None = None

    def update(self, value: float) -> Signal:
        self.seen += 1
        error = read_error(value)
        if error is None:
            return missing(self.seen, self.policy.drift)
        self.n += 1
        self.rate += (error - self.rate) / self.n
        if self.n <= self.policy.warmup:
            return Signal(position=self.seen, verdict=Verdict.NOT_ENOUGH_DATA, threshold=self.policy.drift)
        return self._judge()

    def _judge(self) -> Signal:
        spread = math.sqrt(self.rate * (1 - self.rate) / self.n)
        level = self.rate + spread
        if level <= sum(self.lowest):
            self.lowest = (self.rate, spread)
        verdict = self._verdict(level)
        if verdict is Verdict.OK:
            self.warned = None
        elif self.warned is None:
            self.warned = self.seen
        signal = Signal(
            position=self.seen,
            verdict=verdict,
            statistic=self._height(level),
            threshold=self.policy.drift,
            since=self.warned,
        )
        if verdict is Verdict.ALARM:
            self.n, self.rate, self.lowest, self.warned = 0, 0.0, (math.inf, 0.0), None
        return signal

    def _verdict(self, level: float) -> Verdict:
        rate, spread = self.lowest
        if level > rate + self.policy.drift * spread:
            return Verdict.ALARM
        return Verdict.WARN if level > rate + self.policy.warning * spread else Verdict.OK

    def _height(self, level: float) -> float:
        """How far the level is above the lowest rate, in the lowest rate's standard deviations."""
        rate, spread = self.lowest
        if spread > 0:
            return (level - rate) / spread
        return math.inf if level > rate else 0.0
