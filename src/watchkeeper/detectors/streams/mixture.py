"""Shiryaev-Roberts sums of e-processes over a grid of bets: the engine of the e-detectors.

An e-process multiplies factors whose conditional mean under *no change* is at most 1. Starting one at every value and
adding them all gives R_t = (R_{t-1} + 1) f_t, and R_t - t is then a supermartingale: the mean number of values to a
false alarm at R >= A is at least A, for any dependence between the values (Shin, Ramdas, Rinaldo 2024, theorem 2.4).
An average over several bets keeps that. Nothing is asymptotic, and one may look at every value.

The onset: for each bet the start that maximises its product is where its CUSUM of log f last was 0; the bet with the
largest sum is believed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Bet:
    """One bet's sum, the CUSUM of its log factors, and the position of the last value at which that was 0."""

    total: float = 0.0
    climb: float = 0.0
    zero: int = 0


@dataclass(slots=True)
class Mixture:
    """Sums of e-processes, one a bet."""

    bets: list[Bet]

    def update(self, logs: Sequence[float], position: int) -> tuple[float, int]:
        """Take the log factor of each bet; the mean sum, and the last position before the present excursion."""
        for bet, log in zip(self.bets, logs, strict=True):
            bet.total = (bet.total + 1.0) * math.exp(min(log, 50.0))
            bet.climb = max(0.0, bet.climb + log)
            if bet.climb == 0.0:
                bet.zero = position
        best = max(self.bets, key=lambda bet: bet.total)
        return sum(bet.total for bet in self.bets) / len(self.bets), best.zero

    def restart(self, position: int) -> None:
        """Forget everything up to `position`."""
        for bet in self.bets:
            bet.total, bet.climb, bet.zero = 0.0, 0.0, position


def mixture(bets: int) -> Mixture:
    """A mixture of so many bets that has seen nothing."""
    return Mixture([Bet() for _ in range(bets)])
