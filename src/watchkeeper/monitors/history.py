"""The windows before this one, as the rolling reference sees them.

A column's windows that are unusual or broken are kept out of that column's rolling reference while they last, so an
alarm lasts as long as what it is about; the other columns of those windows count as ever. What becomes of them then
depends on how long they lasted:

    up to 3 windows             back into the reference: a storm is part of ordinary weather, and a reference that only
                                keeps quiet days alarms ever more often (28 % of a year's days, against 4 %, on flights)
    4 windows and more          kept out for good: an event that began and ended
    `adapt_after` and more      the new normal: they enter the reference, and the alarm ends; the fixed reference goes
    on saying that the column has moved, and what is broken against it stays broken

A history keeps the statistics of its windows, not their tallies: a few hundred numbers a window for any number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.monitors.block_statistics import BlockStatistics
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
SHORT = 3


@dataclass(frozen=True)
class History:
    """H windows, oldest first: `means` (H, J), `rows` (H, C), and `flagged` (H, C): unusual or broken columns."""

    means: FloatArray
    rows: FloatArray
    flagged: BoolArray

    @classmethod
    def of(cls, statistics: BlockStatistics, counts: IntArray, flagged: BoolArray | None = None) -> History:
        """The history of windows `counts` (H, size); by default none of them was out of the ordinary."""
        rows = statistics.rows(counts)
        return cls(statistics.means(counts), rows, np.zeros(rows.shape, bool) if flagged is None else flagged)

    def __len__(self) -> int:
        return len(self.means)

    def then(self, later: History, limit: int) -> History:
        """These windows and then `later` ones, the last `limit` of them."""
        return History(
            np.concatenate([self.means, later.means])[-limit:],
            np.concatenate([self.rows, later.rows])[-limit:],
            np.concatenate([self.flagged, later.flagged])[-limit:],
        )

    def run(self) -> IntArray:
        """(C,) how many windows in a row, up to the last one, each column has been out of the ordinary."""
        quiet = ~self.flagged[::-1]
        return np.where(quiet.any(0), quiet.argmax(0), len(self)).astype(np.int64)

    def ordinary(self, adapt_after: int) -> BoolArray:
        """(H, C) windows that may teach: with rows, and not flagged, or flagged in a short or a very long run."""
        taught = [teaches(self.flagged[:, column], adapt_after) for column in range(self.flagged.shape[1])]
        return (self.rows > 0) & np.stack(taught, 1).reshape(self.flagged.shape)

    def last(
        self, windows: int, adapt_after: int, owner: IntArray, least: int
    ) -> tuple[FloatArray, FloatArray, BoolArray]:
        """The last K ordinary windows of every column, K as near to `windows` as all columns allow.

        Gives means (K, J), rows (K, J) and which columns (C,) are known: those with fewer than `least` ordinary windows
        are not (their entries are 0), and do not shorten the others.
        """
        ordinary = self.ordinary(adapt_after)
        enough = ordinary.sum(0)
        known = enough >= least
        k = int(min(windows, enough[known].min(initial=windows))) if known.any() else 0
        means, rows = np.zeros((k, len(owner))), np.ones((k, len(owner)))
        for column in np.flatnonzero(known):
            at = np.flatnonzero(ordinary[:, column])[-k:]
            mine = owner == column
            means[:, mine] = self.means[np.ix_(at, mine)]
            rows[:, mine] = self.rows[at, column][:, None]
        return means, rows, known


def teaches(flagged: BoolArray, adapt_after: int, short: int = SHORT) -> BoolArray:
    """(H,) which windows of one column may teach, by the length of the run of flagged ones that they are in.

    Runs of up to `short` windows teach once they are over.
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flagged, [False]]).astype(np.int8)))
    teaches = ~flagged
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        over = end < len(flagged)
        teaches[start:end] = (over and end - start <= short) or end - start >= adapt_after
    return teaches
