"""What labels can show: how many are needed, and the smallest rise of the loss that so many could make visible.

A block's mean loss varies for two reasons: its rows are a sample (variance v / n) and blocks differ by themselves
(tau2, ordinary movement). Labels cure only the first, so beyond some number more of them buy nothing, and a rise within
ordinary movement takes several blocks to be seen, however many labels there are.

On ten real streams ordinary movement is large: +20 % is an ordinary block on eight of them. There, labels with a
sampling error of 0.8 of the ordinary movement or less found harmed blocks at a recall of about 0.8 and a precision of
about 0.7; with 1 to 1.5 it was 0.7 at 0.5; above 1.5, 0.5 at 0.3. That is where `RATIO` comes from.

All figures take blocks as independent beyond the uncertainty of the ordinary mean, so they are optimistic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchkeeper.detectors.result import Z_POWER

RATIO = 0.8
MOST = 10_000_000
"""Labels that nobody has: what is needed where blocks do not move at all."""


def labels_needed(variance: float, spread: float, ratio: float = RATIO) -> int:
    """Random labels a block must have so that the sampling error of its loss is `ratio` of ordinary movement.

    `variance` is of one row's loss (p (1 - p) for an error rate p), `spread` the standard deviation of ordinary blocks.

    >>> labels_needed(0.2 * 0.8, spread=0.05)
    100
    """
    if variance <= 0:
        return 1
    return min(MOST, max(1, math.ceil(variance / (ratio * spread) ** 2 - 1e-9))) if spread > 0 else MOST


def smallest_rise(spread: float, blocks: int = 1, z: float = 1.83, power: float = Z_POWER) -> float:
    """A lasting rise of the loss that the mean of `blocks` blocks shows four times in five, at a one-sided level `z`.

    `spread` is the standard deviation of a block's loss as it is measured: ordinary movement and sampling together.

    >>> round(smallest_rise(0.05), 3), round(smallest_rise(0.05, blocks=4), 3)
    (0.134, 0.067)
    """
    return (z + power) * spread / math.sqrt(blocks)


def cusum_rise(spread: float, blocks: int, k: float, h: float) -> float:
    """A lasting rise that brings a CUSUM from 0 to `h` within `blocks` blocks four times in five.

    After m blocks of a rise of d standard deviations the sum is about normal with mean m (d - k) and variance m.
    """
    return (k + (h + Z_POWER * math.sqrt(blocks)) / blocks) * spread


@dataclass(frozen=True)
class Visible:
    """Rises in the unit of the loss: seen in one block, and seen within `blocks` blocks if they last."""

    at_once: float
    lasting: float
    blocks: int


def detectable(spread: float, blocks: int, k: float, h: float, slack: float = 0.0) -> Visible:
    """What a CUSUM of block losses could see; `spread` as in `smallest_rise`, `slack` the rise that does not count."""
    return Visible(slack + cusum_rise(spread, 1, k, h), slack + cusum_rise(spread, blocks, k, h), blocks)
