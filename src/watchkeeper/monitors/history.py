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
UNKNOWN = -1


@dataclass(frozen=True)
class History:
    """H windows, oldest first: `means` (H, J), `rows` (H, C), and `flagged` (H, C): unusual or broken columns.

    `starts` (H,) are Unix seconds, `UNKNOWN` where they were not given; `live` (H,) tells windows from blocks of the
    reference.
    """

    means: FloatArray
    rows: FloatArray
    flagged: BoolArray
    starts: IntArray
    live: BoolArray

    @classmethod
    def of(
        cls,
        statistics: BlockStatistics,
        counts: IntArray,
        flagged: BoolArray | None = None,
        starts: IntArray | None = None,
    ) -> History:
        """The history of windows `counts` (H, size); by default none of them was out of the ordinary."""
        rows = statistics.rows(counts)
        return cls(
            means=statistics.means(counts),
            rows=rows,
            flagged=np.zeros(rows.shape, bool) if flagged is None else flagged,
            starts=np.full(len(rows), UNKNOWN, np.int64) if starts is None else np.asarray(starts, np.int64),
            live=np.ones(len(rows), bool),
        )

    def __len__(self) -> int:
        return len(self.means)

    def then(self, later: History, limit: int) -> History:
        """These windows and then `later` ones, the last `limit` of them."""
        return History(
            np.concatenate([self.means, later.means])[-limit:],
            np.concatenate([self.rows, later.rows])[-limit:],
            np.concatenate([self.flagged, later.flagged])[-limit:],
            np.concatenate([self.starts, later.starts])[-limit:],
            np.concatenate([self.live, later.live])[-limit:],
        )

    def run(self) -> IntArray:
        """(C,) how many windows in a row, up to the last one, each column has been out of the ordinary."""
        quiet = ~self.flagged[::-1]
        return np.where(quiet.any(0), quiet.argmax(0), len(self)).astype(np.int64)

    def ordinary(self, adapt_after: int) -> BoolArray:
        """(H, C) windows that may teach: with rows, and not flagged, or flagged in a short or a very long run."""
        taught = [teaches(self.flagged[:, column], adapt_after) for column in range(self.flagged.shape[1])]
        return (self.rows > 0) & np.stack(taught, 1).reshape(self.flagged.shape)

    def last(self, windows: int, adapt_after: int, owner: IntArray, least: int) -> Past:
        """The last K ordinary windows of every column, K as near to `windows` as all columns allow.

        Columns with fewer than `least` ordinary windows are not known, and do not shorten the others.
        """
        ordinary = self.ordinary(adapt_after)
        enough = ordinary.sum(0)
        known = enough >= least
        k = int(min(windows, enough[known].min(initial=windows))) if known.any() else 0
        means, rows = np.zeros((k, len(owner))), np.ones((k, len(owner)))
        chosen = np.zeros((k, len(known)), np.int64)
        for column in np.flatnonzero(known):
            at = np.flatnonzero(ordinary[:, column])[-k:]
            mine = owner == column
            chosen[:, column] = at
            means[:, mine] = self.means[np.ix_(at, mine)]
            rows[:, mine] = self.rows[at, column][:, None]
        latest = chosen[:, known].max(1, initial=0)
        return Past(means, rows, known, self.starts[latest], (chosen == latest[:, None]).all(0) & known)


@dataclass(frozen=True)
class Past:
    """The K windows that a column is held against: `means` (K, J), `rows` (K, J), and which columns (C,) are `known`.

    The entries of a column that is not known are 0. `starts` (K,) are Unix seconds, right for the columns (C,) that
    are `aligned`: those of which no window was left out.
    """

    means: FloatArray
    rows: FloatArray
    known: BoolArray
    starts: IntArray
    aligned: BoolArray


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
