"""What both ways of comparing share: which columns there are, how far apart they are, and a finding of one detector."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from watchkeeper.compare.tables import Sides
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.detectors.jensen_shannon import divergence_root
from watchkeeper.detectors.registry import DETECTORS, Evidence
from watchkeeper.detectors.result import Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.column_tests import FEW
from watchkeeper.monitors.columns import Stack, feature_name
from watchkeeper.monitors.sentences import level_words, percent
from watchkeeper.schema.feature import FeatureType
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

ON_VALUES = frozenset({Evidence.VALUES, Evidence.SHAPE, Evidence.LEVELS, Evidence.TAIL})
_CLOCK = "A time stamp moves by itself; name it as the time column to compare blocks of time."
_ALL_NULL = "Neither table has a value here."
UNSEEN_SHARE = 0.5  # of the largest change: from there on unseen levels are what there is to say
_GRAVITY = (Verdict.OK, Verdict.WARN, Verdict.ALARM)


@dataclass(frozen=True)
class Column:
    """One column of the comparison: `place` in its stack, rows and values on both sides, distance 0 to 1."""

    sides: Sides
    name: str
    place: int
    rows: int
    reference_rows: int
    values: int
    reference_values: int
    distance: float | None

    @property
    def feature(self) -> str:
        """The name for people."""
        return feature_name(self.name)

    @property
    def clock(self) -> bool:
        """Whether the column holds time stamps."""
        return self.sides.reference.schema.feature(self.feature).type is FeatureType.TIMESTAMP

    @property
    def ceiling(self) -> Verdict:
        """The gravest verdict that may be given: a clock that moves on is no alarm."""
        return Verdict.WARN if self.clock else Verdict.ALARM

    def finding(self, detector: str, verdict: Verdict, note: str = "") -> Finding:
        """A finding of this column without numbers, never graver than its ceiling."""
        capped = self.ceiling if verdict is Verdict.ALARM else verdict
        return Finding(
            feature=self.feature,
            column=self.name,
            detector=detector,
            statement=Statement.DIFFERENT,
            verdict=capped,
            n=self.rows,
            n_reference=self.reference_rows,
            distance=self.distance,
            note=_CLOCK if capped is not verdict else note,
        )

    def silence(self, detector: str) -> Finding | None:
        """Why `detector` has nothing to say here, or None when it has."""
        of_values = DETECTORS[detector].on[0] in ON_VALUES
        if of_values and self.values == 0 and self.reference_values == 0:
            return self.finding(detector, Verdict.NOT_COMPUTABLE, _ALL_NULL)
        n, m = (self.values, self.reference_values) if of_values else (self.rows, self.reference_rows)
        if min(n, m) >= FEW:
            return None
        note = f"{n} {'values' if of_values else 'rows'} against {m}; {FEW} on each side are needed."
        return self.finding(detector, Verdict.NOT_ENOUGH_DATA, note)

    def words(self) -> str:
        """What changed, in the column's own terms."""
        cells = self.sides.reference.binning.slice(self.name)
        before, now = self.sides.reference.whole.counts[cells], self.sides.current.counts[cells]
        bins = self.sides.reference.binning.columns[self.name]
        if isinstance(bins, NumericBins):
            return _time_words(bins, before, now) if self.clock else level_words(bins, before, now)
        return _level_words(bins, before, now) if isinstance(bins, CategoricalBins) else ""


def columns(sides: Sides, stack: Stack) -> list[Column]:
    """The columns of a stack, with what every finding of theirs repeats."""
    whole, current = sides.reference.whole.counts, sides.current.counts
    values = Samples(stack.value_counts(whole), stack.value_counts(current))
    cells = values.folded() if stack.numeric else values
    distance = divergence_root(*cells.shares)
    n, m = values.window.sum(-1), values.reference.sum(-1)
    rows, reference_rows = stack.row_counts(current), stack.row_counts(whole)
    return [
        Column(
            sides=sides,
            name=name,
            place=i,
            rows=int(rows[i]),
            reference_rows=int(reference_rows[i]),
            values=int(n[i]),
            reference_values=int(m[i]),
            distance=float(distance[i]) if n[i] and m[i] else None,
        )
        for i, name in enumerate(stack.names)
    ]


def numbers(result: Result, at: tuple[int, ...]) -> dict[str, float | None]:
    """The fields of a finding that a detector's result gives at a place; infinities and NaN become None."""
    fields = {
        "statistic": result.statistic,
        "effect": result.effect,
        "effect_low": result.low,
        "effect_high": result.high,
        "p_value": result.p_value,
        "smallest_effect": result.smallest,
    }
    return {name: _finite(array, at) for name, array in fields.items()}


def milder(one: Verdict, other: Verdict) -> Verdict:
    """The less grave of ok, warn and alarm."""
    return min(one, other, key=_GRAVITY.index)


def _finite(array: FloatArray, at: tuple[int, ...]) -> float | None:
    value = float(array[at])
    return value if np.isfinite(value) else None


def _time_words(bins: NumericBins, before: IntArray, now: IntArray) -> str:
    (_, mean, _), (_, mean_before, _) = bins.moments(now), bins.moments(before)
    return f"mean time {_moment(float(mean))} against {_moment(float(mean_before))}"


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).isoformat(sep=" ", timespec="minutes")
    except (ValueError, OverflowError, OSError):
        return "none"


def _level_words(bins: CategoricalBins, before: IntArray, now: IntArray) -> str:
    """The level whose share changed most, or that levels came which the reference never had."""
    mine, theirs = bins.value_counts(now), bins.value_counts(before)
    n, m = max(int(mine.sum()), 1), max(int(theirs.sum()), 1)
    gaps = np.abs(mine / n - theirs / m)
    level, unseen = int(gaps.argmax()), int(bins.rate_counts(now)["unseen"])
    if unseen / n >= UNSEEN_SHARE * gaps[level] > 0:
        return f"{percent(unseen / n)} of rows have a level that the reference never had"
    return (
        f"`{bins.labels[level]}` is {percent(int(mine[level]) / n)} of rows against {percent(int(theirs[level]) / m)}"
    )
