"""What is counted of rewards: their exact sum and square, how many were zero or negative, and a histogram.

A reward of zero is a reward: it counts in the mean. A prediction for which no reward came is not here at all; how many
there are is coverage (see maturity.py).

Rewards of live predictions are whole millionths, summed as integers with their squares, however large: n squares less
the square of the sum is the variance exactly, where floats would lose it beside a large mean.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.cells import Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.metric import Metric, t_quantile, untold
from watchkeeper.performance.pairs import REWARD, Pairs
from watchkeeper.performance.scaling import Scale, SignedBins
from watchkeeper.tallies import grid

BINS = SignedBins()
MICRO = 1_000_000
LARGEST = 1e15
"""Beyond it either way a number is no reward: one such value would be all that a mean says."""
_UNKNOWN = "no interval: the squares of rewards from before an upgrade are not known"


def millionths(reward: float) -> int:
    """The whole amount that a reward counts as. Raises BadInput where it is not finite, or too large to be one."""
    if not math.isfinite(reward) or abs(reward) > LARGEST:
        raise BadInput(f"a reward is a number between {-LARGEST:g} and {LARGEST:g}")
    return round(reward * MICRO)


def mean_reward(rows: int, micros: int, squares: int | None) -> Metric:
    """The mean of `rows` rewards with Student's t interval, from the sums of their millionths and of the squares.

    `squares` is None where they are not known. Zero rewards are rows like others.
    """
    if rows <= 0:
        return untold("no rewards")
    value = micros / (rows * MICRO)
    if squares is None or rows < 2:
        return Metric(value=value, n=rows, note=_UNKNOWN if squares is None else "one row has no interval")
    spread = max(rows * squares - micros * micros, 0)
    half = t_quantile(rows - 1) * math.sqrt(spread / (rows * rows * (rows - 1))) / MICRO
    return Metric(value=value, low=value - half, high=value + half, n=rows)


class RewardLayout(Countable):
    """The cells of rewards, kept as multiples of 1 / `scale`; zero stays zero."""

    kind: ClassVar[str] = REWARD
    classes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, scale: float = 1.0) -> None:
        self.reward = Scale(0.0, scale)
        marks = dict.fromkeys(("zero", "negative", "clipped"), 1)
        self.cells = Cells({**sum_cells("reward"), **marks, "values": BINS.size})

    @classmethod
    def fit(cls, reference: Pairs | None = None, span: tuple[float, float] | None = None) -> RewardLayout:
        """The scale from reference rewards, or from (middle value, ordinary width), or 1."""
        if reference is not None and len(reference):
            rewards = np.asarray(reference.truth, np.float64)
            return cls(Scale.of(np.concatenate([rewards, -rewards])).scale)
        return cls(grid.power_of_two_scale((span or (0.0, 1.0))[1]))

    def counted(self, pairs: Pairs) -> Counted:
        rewards = np.asarray(pairs.truth, np.float64)
        scaled = self.reward.scaled(rewards)
        marks = {"zero": rewards == 0, "negative": rewards < 0, "clipped": self.reward.beyond(rewards)}
        cells = [np.where(rows, self.cells.start(name), -1) for name, rows in marks.items()]
        return Counted([self.cells.start("values") + BINS.place(scaled), *cells], amounts(scaled, "reward"))

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "scale": self.reward.scale}
