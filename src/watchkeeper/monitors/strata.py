"""Hours and weekdays: means of their own for windows that recur, where the reference shows that they help.

A window shorter than a day recurs every day: its stratum is its place in the day. A window of a day recurs every week:
its stratum is the weekday. Longer windows have none. Strata are used for a column only where

1. every stratum holds at least `LEAST` blocks: fewer cost more in certainty than they explain (with 4, ordinary days of
   one development stream alarmed twice as often);
2. a block is predicted better with them than without: cross-fitted over contiguous folds, the squared error of the
   column's statistics falls to at most `HELPS` of what it was.

Never a trend and never a season: extended into the future they made false alarms more frequent on every stream tried.
Times are UTC: a place in the day moves by an hour with the clocks of summer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from watchkeeper.tallies.tally import FloatArray, IntArray

DAY = 86_400
WEEK = 7 * DAY
LEAST = 8
HELPS = 0.9
_FOLDS = 4


@dataclass(frozen=True)
class Strata:
    """The stratum of each of K windows: `labels` (K,) below `count`, and which statistics (J,) have means by it."""

    labels: IntArray
    count: int
    width: int
    uses: npt.NDArray[np.bool_]

    @property
    def kind(self) -> str:
        """What recurs."""
        return kind(self.width)

    def at(self, chosen: npt.NDArray[np.bool_] | IntArray) -> Strata:
        """The strata of some of the windows."""
        return replace(self, labels=self.labels[chosen])


def kind(width: int) -> str:
    """What recurs for windows of `width` seconds: "hour of day", "day of week", or nothing."""
    if width < DAY and DAY % width == 0:
        return "hour of day"
    return "day of week" if width == DAY else ""


def labels(starts: IntArray, width: int) -> tuple[IntArray, int]:
    """The stratum (K,) of each window and how many there are; one stratum for all where nothing recurs."""
    period = {"hour of day": DAY, "day of week": WEEK}.get(kind(width), width)
    return np.asarray(starts, np.int64) % period // width, period // width


def helpful(means: FloatArray, starts: IntArray, width: int, owner: IntArray) -> Strata | None:
    """The strata of blocks with means (K, J) for the columns they help; None where they help none, or are too few."""
    stratum, count = labels(starts, width)
    if count < 2 or np.bincount(stratum, minlength=count).min() < LEAST:
        return None
    without, within = _squared_errors(means, stratum, count)
    ratio = np.where(without > 0, within / np.where(without > 0, without, 1.0), 1.0)
    columns = np.bincount(owner, ratio) / np.bincount(owner)
    uses = (columns <= HELPS)[owner]
    return Strata(stratum, count, width, uses) if uses.any() else None


def _squared_errors(means: FloatArray, stratum: IntArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Cross-fitted squared errors (J,) of the plain mean, and of the stratum's."""
    fold = np.arange(len(means)) * _FOLDS // len(means)
    without, within = np.zeros(means.shape[1]), np.zeros(means.shape[1])
    for f in range(_FOLDS):
        mine = fold == f
        overall = means[~mine].mean(0)
        members = np.bincount(stratum[~mine], minlength=count)[:, None]
        sums = np.zeros((count, means.shape[1]))
        np.add.at(sums, stratum[~mine], means[~mine])
        centre = np.where(members > 0, sums / np.maximum(members, 1), overall)
        without += ((means[mine] - overall) ** 2).sum(0)
        within += ((means[mine] - centre[stratum[mine]]) ** 2).sum(0)
    return without, within
