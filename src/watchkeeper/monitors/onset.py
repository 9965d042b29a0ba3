"""Since when? The onset of a change that has been found, in a series of standardised deviations (T,).

Two histories are held against each other, given errors of 1:

    abrupt   a level before a start, a rise of unknown size from there on
    ramp     a level before a start, then a straight climb over 5, 10 or 20 blocks

The level is near the ordinary 0, and not at it: few blocks told what is ordinary, and real streams wander. It is normal
with a standard deviation of `WANDER`, and integrated out. An earlier change that ended is not looked at: the series
begins where, read from its end, the likeliest step last lost `ENDED` log-units by going on.

The size is one of `RISES`, each as likely as the others, and the start that makes the series likeliest is believed. A
ramp is believed only where it is `EVIDENCE` log-units likelier, for steps are what mostly happens and are placed well.
An abrupt onset has an interval: every start within `DROP` log-units of the best. A gradual change has none, only the
last block by which it had begun (where its CUSUM left 0): an interval for a step covers a quarter to a half of ramps.

Measured, changes of 1, 2 and 3 standard deviations of an ordinary block, 4 to 15 blocks before now, 1,000 of each:

    added to                       placed within 3 blocks    interval covers     ramps over 10 blocks: reset within 3
    gaussian blocks                0.67  0.96  0.99          0.95  0.98  0.99    0.43  0.68  0.81
    the same, a change before      0.45  0.86  0.99          0.62  0.88  0.98    0.29  0.53  0.73
    ordinary blocks of 8 streams   0.71  0.95  1.00          0.97  0.98  0.99    0.34  0.55  0.74

With the ordinary level taken as known a change on the same real blocks was placed at 0.59, 0.93, 0.97, and one after an
earlier change (12 blocks, 3 standard deviations) at 0.00, 0.02, 0.27.

Page, *Continuous inspection schemes*, Biometrika 41 (1954); Hinkley, *Inference about the change-point in a sequence of
random variables*, Biometrika 57 (1970).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from watchkeeper.tallies.tally import FloatArray

DROP = 3.0
EVIDENCE = 2.0
ALLOWANCE = 0.5
WANDER = 0.7
ENDED = 12.0
RISES = (1.0, 1.5, 2.0, 3.0, 5.0)
RAMPS = (5, 10, 20)


class Kind(StrEnum):
    """How a change came."""

    ABRUPT = "abrupt"
    RAMP = "ramp"


@dataclass(frozen=True)
class Onset:
    """Positions in the series. `low` to `high` is the interval of an abrupt onset; None for a ramp.

    `not_later_than` is where the CUSUM of the change last left 0.
    """

    index: int
    low: int | None
    high: int | None
    kind: Kind
    not_later_than: int

    @property
    def gradual(self) -> bool:
        """Whether only *not later than* can be said."""
        return self.kind is Kind.RAMP


def onset(z: FloatArray, direction: int = 0) -> Onset:
    """The onset of the change that the end of `z` (T,) is in, T at least 1; `z` ascends in time.

    `direction` is +1 for a rise, -1 for a fall, 0 for whichever the last blocks show.
    """
    rising = np.asarray(z, float) * (direction or _direction(z))
    first = _after_earlier(rising)
    rising = rising[first:]
    step, left = _likelihood(rising, 1), first + _left_zero(rising)
    ramp = max(float(_likelihood(rising, length).max()) for length in RAMPS)
    if ramp > step.max() + EVIDENCE:
        return Onset(left, None, None, Kind.RAMP, left)
    within = first + np.flatnonzero(step >= step.max() - DROP)
    return Onset(first + int(step.argmax()), int(within[0]), int(within[-1]), Kind.ABRUPT, left)


def _after_earlier(z: FloatArray) -> int:
    """The position after the end of an earlier change; 0 if there was none."""
    step = _likelihood(z, 1, wander=0.0)
    likeliest = np.maximum.accumulate(step[::-1])[::-1]
    ordinary = np.flatnonzero(likeliest - step > ENDED)
    return int(ordinary[-1]) + 1 if len(ordinary) else 0


def _direction(z: FloatArray) -> int:
    sums = np.cumsum(np.asarray(z, float)[::-1])
    best = np.abs(sums) / np.sqrt(np.arange(1, len(sums) + 1))
    return 1 if sums[best.argmax()] >= 0 else -1


def _likelihood(z: FloatArray, length: int, wander: float = WANDER) -> FloatArray:
    """(T,) log-likelihood, over no change, of a rise from each start on that takes `length` blocks to its full size.

    The size is one of `RISES`, each as likely as the others; the level that all blocks share is integrated out.
    """
    heights = np.minimum(np.arange(1, len(z) + 1) / length, 1.0)
    climbed = np.convolve(z[::-1], heights)[: len(z)][::-1]
    energy = np.cumsum(heights**2)[::-1]
    rises = np.array(RISES)[:, None]
    known = rises * climbed - rises**2 * energy / 2
    total, shrunk = z.sum(), wander**2 / (1 + len(z) * wander**2)
    level = shrunk * ((total - rises * np.cumsum(heights)[::-1]) ** 2 - total**2) / 2
    return np.asarray(np.logaddexp.reduce(known + level)) - np.log(len(RISES))


def _left_zero(z: FloatArray) -> int:
    """The position after the last at which the CUSUM of `z` was 0; the last position if it is 0 now."""
    excess = np.cumsum(z - ALLOWANCE)
    lowest = np.minimum.accumulate(np.minimum(excess, 0.0))
    zero = np.flatnonzero(excess <= lowest)
    return int(min(zero[-1] + 1, len(z) - 1)) if len(zero) else 0
