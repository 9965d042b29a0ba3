"""Shiryaev-Roberts by betting on bounded losses: has the risk risen beyond what is tolerated?

With the boundary b = ordinary + tolerance, each bet L multiplies by 1 + L (loss - b), whose mean is at most 1 as long
as the risk, given all before, is at most b. Sums over starting points and bets (`mixture.py`) alarm at `run_length`:
**the mean number of losses to a false alarm is at least `run_length`, whatever the losses' law, not just about.**

Sees: a mean loss (error, any loss scaled to 0 to 1) above the boundary; the sooner the further above.
Cannot see: a rise within the tolerance, by design; a fall; anything but the mean. The promise is for a risk that is at
most b *at every value, given the past*. Errors that come in clusters break that although the mean over a day is
ordinary: then give it the losses of blocks, scaled to 0 to 1, not of rows. `ordinary` is taken as known; where it is
estimated from a reference, `Betting.against` widens the tolerance to the estimate's own uncertainty.
Parameters: `ordinary` (mean loss without change), `tolerance`, `run_length`, `rises` (the rises it bets on).
Run length without change (bench/run_length.py, 100 streams of 10,000): no alarm at risk 0.1 (at least 271,000 with 95 %
confidence), 333,000 on the boundary, risk 0.11 (114,000 – 1.6 million; 3 alarms). Errors that rise from 10 % to 15 %
are found after 736 rows (median of 200; nine in ten within 1,319), to 20 % after 202 (360), to 30 % after 68 (113).
With the ordinary risk estimated from 10,000 rows: 766 (1,612), 219 (400) and 69 (123), medians of 400 streams, and 2
false alarms on 100 streams of 10,000.

Shin, Ramdas, Rinaldo, *E-detectors: a nonparametric framework for sequential change detection*, New England Journal of
Statistics in Data Science 2 (2024); Waudby-Smith, Ramdas, *Estimating means of bounded random variables by betting*,
JRSS B 86 (2024).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> errors = np.concatenate([rng.random(1000) < 0.1, rng.random(1000) < 0.3])
>>> state = Betting(ordinary=0.1).start()
>>> alarm = next(signal for signal in map(state.update, errors) if signal.alarm)
>>> alarm.position, alarm.since
(1106, 1058)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from watchkeeper.detectors.streams.mixture import Mixture, mixture
from watchkeeper.detectors.streams.signal import Signal, missing, read_loss, require
from watchkeeper.events.verdict import Verdict

_Z = 1.6449  # one-sided 95 %
_MOST = 0.5  # the largest share of what is held that one loss may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Betting:
    """The parameters; the module says what they mean."""

    ordinary: float = 0.1
    tolerance: float = 0.01
    run_length: float = 100_000.0
    rises: tuple[float, ...] = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)

    def __post_init__(self) -> None:
        require(0 <= self.ordinary <= 1, "ordinary is a mean loss, from 0 to 1.")
        require(self.tolerance >= 0, "tolerance is 0 or more.")
        require(0 < self.boundary < 1, "ordinary + tolerance lies between 0 and 1, both excluded.")
        require(self.run_length > 1, "run_length is a number of losses, above 1.")
        require(bool(self.rises) and min(self.rises) > 0, "rises are one or more numbers above 0.")

    @classmethod
    def against(cls, mean: float, rows: int, *, tolerance: float = 0.01, run_length: float = 100_000.0) -> Betting:
        """Against a mean loss estimated from `rows` independent rows of a reference.

        The boundary lies `tolerance` above the estimate, or at the upper end of its 95 % interval (Wilson, one-sided)
        where that is higher: then the promise holds for 19 references in 20 at least, for any loss from 0 to 1.
        """
        require(rows > 0, "rows is a number of reference rows, above 0.")
        share = _Z**2 / rows
        upper = (mean + share / 2 + math.sqrt(share * mean * (1 - mean) + share**2 / 4)) / (1 + share)
        return cls(ordinary=mean, tolerance=max(tolerance, upper - mean), run_length=run_length)

    @property
    def boundary(self) -> float:
        """The largest risk that is tolerated."""
        return self.ordinary + self.tolerance

    @property
    def bets(self) -> tuple[float, ...]:
        """Each rise's bet: about the one that grows fastest there, held back so that no loss takes over half."""
        b = self.boundary
        return tuple(min(rise / (b * (1 - b)), _MOST / b) for rise in self.rises)

    def start(self) -> BettingState:
        """A state that has seen nothing."""
        return BettingState(self, mixture(len(self.rises)), self.bets)


@dataclass(slots=True)
class BettingState:
    """The sums of the bets."""

    policy: Betting
    mixture: Mixture
    bets: tuple[float, ...] = field(repr=False)
    seen: int = 0

    def update(self, value: float) -> Signal:
        self.seen += 1
        loss = read_loss(value)
        if loss is None:
            return missing(self.seen, self.policy.run_length)
        excess = loss - self.policy.boundary
        statistic, zero = self.mixture.update([math.log1p(bet * excess) for bet in self.bets], self.seen)
        alarm = statistic >= self.policy.run_length
        if alarm:
            self.mixture.restart(self.seen)
        return Signal(
            position=self.seen,
            verdict=Verdict.ALARM if alarm else Verdict.OK,
            statistic=statistic,
            threshold=self.policy.run_length,
            since=zero + 1 if zero < self.seen else None,
        )
