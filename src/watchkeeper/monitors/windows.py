"""Buckets to windows: by time or by count, tumbling or sliding. Tallies add, so every window is a sum.

    tumbling    "every day": windows side by side, aligned to multiples of their width
    sliding     "every hour, the last 24 hours": windows of one width, a new one each step
    by count    "every 5,000 rows": as many whole buckets as hold them; the last, unfinished window is left out

Sliding windows overlap, and so are no independent pieces of evidence: one odd hour is in 24 of them. Hence two rules
for whoever judges them. The null is still fitted on blocks of the window's own *length*, side by side. And the budget
is spread over steps, q = alarms_per_month * step / 30 days: that keeps the promise, for the mean number of alarming
windows holds for any dependence between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import IntArray


class Cut(NamedTuple):
    """W windows: `starts` (W,) and `ends` (W,) in Unix seconds, `counts` (W, size)."""

    starts: IntArray
    ends: IntArray
    counts: IntArray


def tumbling(starts: IntArray, counts: IntArray, width: int) -> Cut:
    """Windows of `width` seconds, those without a bucket left out.

    `starts` (B,) ascend, `counts` are (B, size); `width` is a multiple of the buckets' own. BadInput if below 1.
    """
    _require(starts, counts, width)
    begins, first = np.unique(np.asarray(starts) // width * width, return_index=True)
    return Cut(begins, begins + width, _summed(counts, first))


def sliding(starts: IntArray, counts: IntArray, width: int, step: int) -> Cut:
    """Windows of `width` seconds that end at each multiple of `step`, those without a bucket left out.

    The first ends as soon as it is full. BadInput for a width or a step below 1.
    """
    _require(starts, counts, width, step)
    at = np.asarray(starts, np.int64)
    if not len(at):
        return Cut(at, at, np.asarray(counts, np.int64))
    ends = np.arange(-(-(at[0] + width) // step) * step, at[-1] + width + 1, step, dtype=np.int64)
    ends = ends[ends - step <= at[-1]]
    low, high = np.searchsorted(at, ends - width), np.searchsorted(at, ends)
    upto = np.concatenate([np.zeros((1, counts.shape[1]), np.int64), np.cumsum(counts, 0, dtype=np.int64)])
    some = high > low
    return Cut((ends - width)[some], ends[some], (upto[high] - upto[low])[some])


def by_count(starts: IntArray, counts: IntArray, rows: IntArray, n: int) -> Cut:
    """Windows of at least `n` rows each, whole buckets; `rows` (B,) are those of each bucket.

    A window ends where the next begins; the last ends one second after its last bucket's start at the earliest known
    time. BadInput for an n below 1.
    """
    _require(starts, counts, n)
    at = np.asarray(starts, np.int64)
    first, held = [0], 0
    for place, more in enumerate(np.asarray(rows).tolist()):
        held += more
        if held >= n:
            first.append(place + 1)
            held = 0
    whole = first[-1]
    begins = np.array(first[:-1], np.int64)
    following = np.append(at, at[-1:] + 1)
    ends = following[np.array(first[1:], np.int64)]
    return Cut(at[begins], ends, _summed(np.asarray(counts)[:whole], begins))


def _summed(counts: IntArray, first: IntArray) -> IntArray:
    if not len(first):
        return np.zeros((0, counts.shape[1]), np.int64)
    return np.add.reduceat(np.asarray(counts, np.int64), first, axis=0)


def _require(starts: IntArray, counts: IntArray, *sizes: int) -> None:
    if min(sizes) < 1:
        raise BadInput("Windows are at least 1 second, or 1 row, long.", hint="A day is 86400 seconds.")
    if len(starts) != len(counts) or (np.diff(starts) < 0).any():
        raise BadInput("Buckets come in order of time, one row of counts for each start.")
