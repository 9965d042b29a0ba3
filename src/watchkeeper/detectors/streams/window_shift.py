"""A two-sided e-detector over windows: does a feature stay a little off its reference, window after window?

Each window gives a shift a (its statistic less the reference's, in the statistic's own unit) and its sampling error s
given the reference. The reference itself is off by an unknown amount, the *same* in every window, so many windows do
not average it away: it widens the null instead,

    |mean shift| <= floor + allowed reference_error =: b,

with `reference_error` the reference's standard error and `allowed` how many of them. For both directions and each size
g of `sizes` the factor is exp(l x - l^2 / 2), x = (+-a - b) / s, l = g / s, whose mean is at most 1 under that null for
a (sub-)gaussian statistic. Sums over starting points and bets (`mixture.py`) alarm at `features` * `run_length`: **the
mean number of windows to the first false alarm of any of the features is at least `run_length`**, for any dependence
between windows and between features, provided that the reference is off by no more than allowed (2 errors: 95 % of
references, for one feature).

Sees: small shifts that stay; both directions. Cannot see: a shift within floor + allowed error, by design; what comes
back to normal within a window or two; anything but the mean of the statistic.
With s = 1 (the default) the values are z scores; then set `floor`, `reference_error` (sqrt(n / m)) and `sizes` in sd.
Parameters: `floor`, `reference_error`, `allowed`, `sizes`, `run_length` (windows), `features`.
Run length without change (bench/run_length.py, 100 streams of 10,000): 1,190 z scores for one feature at the defaults,
where 720 are promised (1,113 – 1,275). For 100 features at 720 windows, with windows of 1,000 rows, a reference of
10,000 and a floor of 0.01 on the rank shift, 0.1 sd are found after 14 windows (median of 200; nine in ten within 29),
0.2 sd after 2 (3); 0.05 sd lie below the floor and the reference's error.

Shin, Ramdas, Rinaldo, *E-detectors: a nonparametric framework for sequential change detection*, New England Journal of
Statistics in Data Science 2 (2024).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> z = np.concatenate([rng.normal(0, 1, 100), rng.normal(1, 1, 100)])
>>> state = WindowShift(floor=0.1, reference_error=0.1, features=100).start()
>>> alarm = next(signal for signal in map(state.update, z) if signal.alarm)
>>> alarm.position, alarm.since
(166, 102)
"""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.detectors.streams.mixture import Mixture, mixture
from watchkeeper.detectors.streams.signal import Signal, missing, read, require
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowShift:
    """The parameters; the module says what they mean."""

    floor: float = 0.0
    reference_error: float = 0.0
    allowed: float = 2.0
    sizes: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    run_length: float = 720.0
    features: int = 1

    def __post_init__(self) -> None:
        require(min(self.floor, self.reference_error, self.allowed) >= 0, "floor, reference_error, allowed are >= 0.")
        require(bool(self.sizes) and min(self.sizes) > 0, "sizes are one or more numbers above 0.")
        require(self.run_length > 1 and self.features >= 1, "run_length is above 1, features 1 or more.")

    @property
    def boundary(self) -> float:
        """The largest mean shift that is no change."""
        return self.floor + self.allowed * self.reference_error

    @property
    def threshold(self) -> float:
        """Features times run length."""
        return self.features * self.run_length

    def start(self) -> WindowShiftState:
        """A state that has seen nothing."""
        return WindowShiftState(self, mixture(2 * len(self.sizes)))


@dataclass(slots=True)
class WindowShiftState:
    """The sums of the bets: every size upwards, then every size downwards."""

    policy: WindowShift
    mixture: Mixture
    seen: int = 0

    def update(self, value: float, error: float = 1.0) -> Signal:
        """Take a window's shift and its sampling error; raises BadInput unless the error is above 0."""
        self.seen += 1
        shift, spread = read(value), read(error)
        if shift is None or spread is None:
            return missing(self.seen, self.policy.threshold)
        if spread <= 0:
            raise BadInput(f"The sampling error of a window is above 0, not {spread:g}.")
        statistic, zero = self.mixture.update(self._logs(shift, spread), self.seen)
        alarm = statistic >= self.policy.threshold
        if alarm:
            self.mixture.restart(self.seen)
        return Signal(
            position=self.seen,
            verdict=Verdict.ALARM if alarm else Verdict.OK,
            statistic=statistic,
            threshold=self.policy.threshold,
            since=zero + 1 if zero < self.seen else None,
            note="up" if shift > 0 else "down",
        )

    def _logs(self, shift: float, error: float) -> list[float]:
        excesses = [(sign * shift - self.policy.boundary) / error for sign in (1.0, -1.0)]
        scaled = [size / error for size in self.policy.sizes]
        return [bet * excess - bet * bet / 2 for excess in excesses for bet in scaled]
