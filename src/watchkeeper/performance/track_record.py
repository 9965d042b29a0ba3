"""How well an estimator did, once the labels came: the only thing that says whether it may be listened to.

Each matured window scores the estimate that was made for it: did its interval hold the truth; was it nearer to it than
the guess that nothing changes (the mean of what taught it); did it rise where performance rose (Spearman). A record is
`good` after 8 windows if the estimate was nearer than doing nothing, its intervals held 80 % and its rank correlation
with the truth is 0.3 or more. An estimator without a good record is never listened to: on real streams estimates
without labels have ranked the harmed days below the good ones. Of several methods the one with the better record comes
first: a good record before one that is not, then the smaller error, then the order that they are named in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy import stats

from watchkeeper.performance.metric import Metric, wilson
from watchkeeper.tallies.tally import FloatArray

WINDOWS = 8
COVERED = 0.8
RANKED = 0.3
NONE_YET = "no record yet"


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """One window: what was estimated, what labels showed later, and the share of the window's rows they were.

    `ordinary` is what guessing that nothing changes would have said of it; None for what the record says of all.
    """

    estimated: Metric
    realised: Metric
    labelled: float = 1.0
    ordinary: float | None = None

    @property
    def miss(self) -> float:
        """Estimate less truth; NaN where either is not known."""
        if self.estimated.value is None or self.realised.value is None:
            return math.nan
        return self.estimated.value - self.realised.value

    @property
    def covered(self) -> bool:
        """Whether the truth lies within the interval, widened by what partial labels leave open."""
        low, high, truth = self.estimated.low, self.estimated.high, self.realised.value
        if low is None or high is None or truth is None:
            return False
        open_ = 0.0
        if self.realised.low is not None and self.realised.high is not None:
            open_ = (self.realised.high - self.realised.low) / 2 * math.sqrt(max(0.0, 1 - self.labelled))
        return abs(truth - (high + low) / 2) <= math.hypot((high - low) / 2, open_)


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What `windows` showed of an estimator of `metric`.

    `coverage` is the share of intervals that held the truth, `coverage_low` and `coverage_high` its own 95 % interval.
    `error` is the mean absolute error, `naive_error` that of guessing that nothing changes, `bias` the mean of
    estimate less truth. `rank_correlation` is Spearman's, None below 8 windows or where one never varies. `note` says
    why a record is not good.
    """

    estimator: str
    metric: str
    windows: int
    coverage: float | None = None
    coverage_low: float | None = None
    coverage_high: float | None = None
    error: float | None = None
    naive_error: float | None = None
    bias: float | None = None
    rank_correlation: float | None = None
    good: bool = False
    note: str = NONE_YET


def track_record(estimator: str, metric: str, scored: Sequence[Scored], ordinary: float = math.nan) -> TrackRecord:
    """The record of an estimator; `ordinary` is the reference's mean of the metric, for windows that name none."""
    told = [one for one in scored if math.isfinite(one.miss)]
    if not told:
        return TrackRecord(estimator=estimator, metric=metric, windows=0)
    miss = np.array([one.miss for one in told])
    truth = np.array([one.realised.value for one in told], np.float64)
    coverage = float(np.mean([one.covered for one in told]))
    usual = np.array([ordinary if one.ordinary is None else one.ordinary for one in told])
    error, naive = float(np.abs(miss).mean()), float(np.abs(usual - truth).mean())
    low, high = wilson(coverage, len(told))
    rank = _rank_correlation(truth + miss, truth)
    note = _fault(len(told), coverage, error, naive) or _unranked(rank)
    return TrackRecord(
        estimator=estimator,
        metric=metric,
        windows=len(told),
        coverage=coverage,
        coverage_low=low,
        coverage_high=high,
        error=error,
        naive_error=naive,
        bias=float(miss.mean()),
        rank_correlation=rank,
        good=not note,
        note=note,
    )


def better(records: Mapping[str, TrackRecord]) -> list[str]:
    """The methods of `records` of one metric, the one with the better record first."""

    def rank(method: str) -> tuple[bool, float]:
        record = records[method]
        return not record.good, math.inf if record.error is None else record.error

    return sorted(records, key=rank)


def _fault(windows: int, coverage: float, error: float, naive: float) -> str:
    """Why the record is not good; empty where it is."""
    if windows < WINDOWS:
        return f"no record yet: {windows} of {WINDOWS} windows have labels"
    if error >= naive:
        return f"its error is {error:.3g} on average; guessing that nothing changes has {naive:.3g}"
    if coverage < COVERED:
        return f"its intervals held the truth in {coverage:.0%} of windows; {COVERED:.0%} are needed"
    return ""


def _unranked(rank: float | None) -> str:
    """Why an estimate that is near on average is still not listened to: it does not rise where performance rises."""
    if rank is not None and rank >= RANKED:
        return ""
    said = "cannot be told" if rank is None else f"is {rank:.2f}"
    return f"its rank correlation with the truth {said}; {RANKED} is needed"


def _rank_correlation(guess: FloatArray, truth: FloatArray) -> float | None:
    if len(truth) < WINDOWS or np.ptp(guess) == 0 or np.ptp(truth) == 0:
        return None
    return float(stats.spearmanr(guess, truth).statistic)
