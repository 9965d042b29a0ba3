"""Half of the reference's blocks check what the other half calibrated: would ordinary blocks have alarmed?

The blocks are cut into four stretches of time; two that do not touch calibrate, the other two are judged, and the other
way round. So every block is judged once, by blocks that know nothing of it, and the share that alarms is a measured
false-alarm rate of this model's own data. Its interval is Wilson's, which takes blocks as independent; they are not
quite. A null of K / 2 blocks is a little less sure than the one of K that is used, so the check errs on the dark side.
"""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.monitors.block_null import BlockNull
from watchkeeper.monitors.movement import BoolArray
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.strata import Strata
from watchkeeper.performance.metric import wilson
from watchkeeper.tallies.tally import FloatArray, IntArray

LEAST = 16
BAD = 3.0
_STRETCHES = 4


class HalfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """`alarms` of `blocks` held-out reference blocks would have alarmed at level `q`; 95 % interval `low` to `high`."""

    alarms: int
    blocks: int
    q: float
    low: float
    high: float

    @property
    def failed(self) -> bool:
        """Whether the rate is shown to be more than three times the promise."""
        return self.low > BAD * self.q

    @property
    def sentence(self) -> str:
        """What it found, in words."""
        said = (
            f"{self.alarms} of {self.blocks} ordinary blocks of the reference would have alarmed, each half judged by "
            f"the other: {self.low:.1%} to {self.high:.1%}, where {self.q:.1%} is promised."
        )
        return f"{said} Alarms of this model are more frequent than promised." if self.failed else said


def half_check(
    means: FloatArray,
    rows: FloatArray,
    variance: FloatArray,
    owner: IntArray,
    *,
    policy: Policy,
    strata: Strata | None = None,
    outputs: BoolArray | None = None,
) -> HalfCheck | None:
    """Check K blocks with means (K, J) and rows (K, J) at the policy's level; None where K is below 16."""
    if len(means) < LEAST:
        return None
    stretch = np.arange(len(means)) * _STRETCHES // len(means)
    alarms = 0
    for half in range(2):
        mine, others = np.flatnonzero(stretch % 2 == half), np.flatnonzero(stretch % 2 != half)
        within = None if strata is None else strata.at(others)
        null = BlockNull.fit(means[others], rows[others], variance, owner, strata=within, outputs=outputs)
        judged = null.judge(means[mine], rows[mine], policy.q, None if strata is None else strata.labels[mine])
        moved = ((judged.p <= policy.q) & (np.abs(judged.effect) >= policy.least_effect)).any(1)
        alarms += int((moved | (judged.p_together <= policy.q)).sum())
    low, high = wilson(alarms / len(means), len(means))
    return HalfCheck(alarms=alarms, blocks=len(means), q=policy.q, low=low, high=high)
