"""What a team wants to be told, and how often it will be woken for nothing. Frozen; every default is a decision.

The budget is stated in alarms a month for a whole model, never in p. It becomes the level `q` of one window:

    q = alarms_per_month * window / 30 days        (a day's window at one alarm a month: 1/30)

Only *unusual* spends it. *Broken* has a level so strict that its alarms are rarer than the breaks themselves; *moved
since training* never alarms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from watchkeeper.events.errors import BadInput

DAY = 86_400
MONTH = 30 * DAY
BREAK_FLOORS: Mapping[str, float] = {
    "missing": 0.02,
    "unseen": 0.02,
    "wrong_type": 0.005,
    "infinite": 0.005,
    "range": 0.05,
}
_MOST = 0.1
TWO_WEEKS = 14 * DAY
FOUR_WEEKS = 28 * DAY
_MOST_WINDOWS = 200
_SETTLES = 3


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How windows are judged.

    `window` is the length of a window in seconds. `min_n` rows are needed before a column is judged at all.
    `recent_windows` is K, the windows of the rolling reference (at least: windows shorter than a day are held against
    two weeks of them, or 200); below `min_blocks` of them, or of the reference's own
    blocks, nothing is known about ordinary movement and the answer is "not enough data". `importance` weighs features
    (1 is ordinary): the budget is shared in proportion. `least_effect` is the change of a share, or of a mean rank,
    below which *unusual* and *moved since training* stay silent. `break_floors` are the rises of a rate, beyond the
    worst block of the reference, that count as broken. `adapt_after` windows of the same alarm are accepted as the
    new normal, or four weeks of them where that is less, but at least 3.
    """

    window: int = DAY
    alarms_per_month: float = 1.0
    min_n: int = 30
    recent_windows: int = 28
    min_blocks: int = 8
    adapt_after: int = 21
    importance: dict[str, float] = {}
    least_effect: float = 0.02
    break_level: float = 1e-6
    break_floors: dict[str, float] = msgspec.field(default_factory=lambda: dict(BREAK_FLOORS))

    def __post_init__(self) -> None:
        if self.window <= 0 or self.alarms_per_month <= 0:
            raise BadInput(
                "A policy's window and alarms_per_month must be above 0.", hint="One alarm a month is usual."
            )
        refuse_weights(self.importance)

    @property
    def q(self) -> float:
        """The level of one window of a whole model, at most 0.1."""
        return min(_MOST, self.alarms_per_month * self.window / MONTH)

    @property
    def rolling_windows(self) -> int:
        """K, the windows of the rolling reference."""
        if self.window >= DAY:
            return self.recent_windows
        return max(self.recent_windows, min(_MOST_WINDOWS, TWO_WEEKS // self.window))

    @property
    def settles_after(self) -> int:
        """How many windows of the same alarm are the new normal."""
        return min(self.adapt_after, max(_SETTLES, FOUR_WEEKS // self.window))

    @property
    def memory(self) -> int:
        """How many windows are remembered: enough to see when a change has lasted so long that it is usual."""
        return self.rolling_windows + 2 * self.adapt_after

    @property
    def patience(self) -> float:
        """The mean number of windows to a false alarm that the budget asks for."""
        return max(2.0, MONTH / (self.alarms_per_month * self.window))


def refuse_weights(importance: Mapping[str, float]) -> None:
    """BadInput for a weight of a feature that is no finite number above 0: without a share nothing can be judged."""
    for name, weight in importance.items():
        if not (math.isfinite(weight) and weight > 0):
            raise BadInput(
                f"The importance of {name!r} is {weight:g}; it must be a number above 0.",
                hint="1 is ordinary. A feature that does not matter has a small weight, or is left out of the data.",
            )
