"""How strongly the labels so far suggest that a block is harmed, when only some of its rows have one.

The block's loss is taken as a level that moves from block to block (AR(1) around the ordinary mean), with three times
the standard deviation of ordinary blocks, for harm moves more than they do. Each block's labels sharpen it (a Kalman
step), and the suspicion is the posterior mass beyond the harm line: 1.2 times the ordinary mean, and the mean plus 2
standard deviations.

It ranks blocks well and is over-confident in the middle: of blocks between 0.6 and 0.8 a third were harmed. So it
decides where to ask for more labels, and it is not shown as a probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.movement import Movement

TIMES, SDS = 1.2, 2.0
SPREAD, LEAST_MEMORY = 3.0, 0.3
LEAST_BLOCKS = 8


@dataclass(frozen=True)
class Level:
    """The loss beyond the ordinary mean as it is believed to be: mean and variance, in units of the ordinary mean."""

    mean: float = 0.0
    variance: float = math.inf


class Suspicion:
    """Against the ordinary blocks of a model. Holds nothing between calls. BadInput with fewer than 8 blocks."""

    def __init__(self, ordinary: BlockLosses) -> None:
        known = np.isfinite(ordinary.mean) & (ordinary.rows > 0)
        if known.sum() < LEAST_BLOCKS:
            raise BadInput(f"{known.sum()} ordinary blocks; {LEAST_BLOCKS} are needed to know what harm is.")
        means = ordinary.mean[known]
        self.unit = abs(float(means.mean())) or 1.0
        self.variance = ordinary.variance
        self.ordinary, self.spread = float(means.mean()), float(means.std(ddof=1))
        self.line = max(TIMES * self.ordinary, self.ordinary + SDS * self.spread)
        rows = ordinary.rows[known, None].astype(np.float64)
        movement = Movement.fit(means[:, None] / self.unit, rows, np.array([ordinary.variance / self.unit**2]))
        moved = float(movement.tau2[0] + movement.variance[0] * movement.inverse_n[0])
        self._prior = SPREAD**2 * moved
        self._memory = max(LEAST_MEMORY, (movement.inflation - 1) / (movement.inflation + 1))

    def start(self) -> Level:
        """What is believed before any label."""
        return Level(0.0, self._prior)

    def update(self, level: Level, mean: float, labels: float, rows: float) -> tuple[Level, float]:
        """The belief and the suspicion (0 to 1) after a block of `rows` of which `labels` have the mean loss `mean`.

        `labels` of 0 leaves the belief to fade towards the ordinary.
        """
        r = self._memory
        ahead = Level(r * level.mean, r * r * level.variance + self._prior * (1 - r * r))
        if labels <= 0 or not math.isfinite(mean):
            return ahead, self._beyond(ahead)
        noise = self.variance / self.unit**2 * max(0.0, 1 / labels - 1 / max(rows, labels)) + 1e-12
        gain = ahead.variance / (ahead.variance + noise)
        seen = (mean - self.ordinary) / self.unit
        now = Level(ahead.mean + gain * (seen - ahead.mean), ahead.variance * (1 - gain))
        return now, self._beyond(now)

    def _beyond(self, level: Level) -> float:
        away = (self.line - self.ordinary) / self.unit - level.mean
        return float(special.ndtr(-away / math.sqrt(level.variance + 1e-12)))
