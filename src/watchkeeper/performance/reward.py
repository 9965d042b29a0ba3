"""What is counted of rewards: their exact sum and square, how many were zero or negative, and a histogram.

A reward of zero is a reward: it counts in the mean. A prediction for which no reward came is not here at all; how many
there are is coverage (see maturity.py).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from watchkeeper.performance.cells import Cells, Countable, Counted, amounts, sum_cells
from watchkeeper.performance.pairs import REWARD, Pairs
from watchkeeper.performance.scaling import Scale, SignedBins
from watchkeeper.tallies import grid

BINS = SignedBins()


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
