"""The worst segments: where the model does worse than elsewhere, corrected for having looked everywhere.

A segment is the rows with one level of a feature, or with one level of each of two features (SliceFinder: Chung,
Kraska, Polyzotis, Tae and Whang, 2019). Each with enough rows is compared with all rows outside it: Welch's test, one
sided, on the mean of the main loss (losses.py). A segment of two features must also be worse than the rest of either
of its one-feature segments, else it only inherits what these show: its p-value is the largest of the three.

Conversely a segment of one feature is left out where what remains of it without a worse reported part of it is no
worse than elsewhere (p > 0.05).

Corrected for the search: Benjamini and Hochberg (1995) over every segment that was tested decides what is reported.
Picking the worst makes its estimate too bad by luck, so effects are shrunk: with spread tau^2 of true effects between
segments (DerSimonian and Laird, 1986) an effect d of variance v becomes d tau^2 / (tau^2 + v), but moves by no more
than one standard error (Efron and Morris, 1972), so that one truly bad segment among many good ones stays so. Intervals
lie around the shrunk effect, at a level widened to the share of segments reported (Benjamini and Yekutieli, 2005).

Rows of one day resemble each other: a segment that is one day's traffic may be bad by that day. A minimum of
support and a look at other weeks guard against it, this test does not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.multiplicity import benjamini_hochberg
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.weights import WEIGHT_ONE, effective, squares
from watchkeeper.tallies.tally import FloatArray, IntArray

Where = tuple[tuple[str, str], ...]
MINIMUM = 30
_MARK = np.uint64(0x9E3779B97F4A7C15)
_HALF, _WHOLE = 2**32 - 1, 2**64 - 1


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """The losses of a segment: its weighted `rows`, their effective number, mean and mean square.

    `mark` adds up over the segment's rows; two segments of equal mark hold the same rows. 0 is unknown.
    """

    where: Where
    rows: float
    effective: float
    mean: float
    mean_square: float
    mark: int = 0


class BadSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A segment with a higher loss than elsewhere.

    `loss` is its mean, `rest` that of all other rows, `excess` the shrunk difference with its interval `low` to `high`.
    `rows` is the weighted number, `share` the segment's part of all rows. `p_value` is before the correction. `also`
    are other names of the very same rows.
    """

    where: Where
    rows: int
    share: float
    loss: float
    rest: float
    excess: float
    low: float
    high: float
    p_value: float
    also: tuple[Where, ...] = ()

    @property
    def name(self) -> str:
        """`carrier = AA and origin = JFK`."""
        return " and ".join(f"{feature} = {level}" for feature, level in self.where)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, worst first, and how many segments were `tested` or `skipped` as too small."""

    found: tuple[BadSegment, ...]
    tested: int
    skipped: int


def segment_moments(pairs: Pairs, features: Mapping[str, Levels], depth: int = 2) -> list[Moments]:
    """Losses of the whole (first, `where` empty) and of each segment of one, then of two features.

    `features` map a name to the levels of its n rows. Rows without a loss (queries without relevant items) are left
    out.
    """
    rows = _Rows(row_losses(pairs)[MAIN], pairs.weight)
    found = rows.moments(np.zeros(len(pairs), np.int64), [()])
    for name, levels in features.items():
        found += rows.moments(levels.codes, [((name, level),) for level in levels.names])
    for a, b in combinations(features, 2) if depth > 1 else ():
        one, two = features[a], features[b]
        where = [((a, level), (b, other)) for level in one.names for other in two.names]
        found += rows.moments(one.pairs(two), where)
    return found


class _Rows:
    """Losses, weights and marks of the rows, summed by a code for each row.

    A mark is 64 bits. Sums of its halves are whole numbers below 2^53 for up to 2^21 rows, so they add exactly.
    """

    def __init__(self, loss: FloatArray, weight: IntArray) -> None:
        self._known = np.isfinite(loss)
        loss, weight = loss[self._known], weight[self._known]
        mark = np.arange(1, len(loss) + 1, dtype=np.uint64) * _MARK
        mark ^= mark >> np.uint64(29)
        halves = mark & np.uint64(_HALF), mark >> np.uint64(32)
        summed = (weight, squares(weight), weight * loss, weight * loss**2, *halves)
        self._summed = [np.asarray(column, np.float64) for column in summed]

    def moments(self, code: IntArray, where: Sequence[Where]) -> list[Moments]:
        code = code[self._known]
        place = np.where(code < 0, len(where), code)
        of, square, total, total_square, low, high = (
            np.bincount(place, column, len(where) + 1)[:-1] for column in self._summed
        )
        some = np.flatnonzero(of)
        of = of[some]
        columns = (of / WEIGHT_ONE, effective(of, square[some]), total[some] / of, total_square[some] / of)
        marks = (
            (int(a) + (int(b) << 32)) & _WHOLE for a, b in zip(low[some].tolist(), high[some].tolist(), strict=True)
        )
        numbers = zip(some.tolist(), *(column.tolist() for column in columns), marks, strict=True)
        return [
            Moments(where=where[k], rows=n, effective=worth, mean=mean, mean_square=square, mark=mark)
            for k, n, worth, mean, square, mark in numbers
        ]


def worst_segments(moments: Sequence[Moments], *, q: float = 0.05, minimum: int = MINIMUM, most: int = 10) -> Search:
    """The at most `most` worst segments at false discovery rate `q`, of those with at least `minimum` effective rows.

    `moments` are of the whole (with an empty `where`) and of the segments.
    """
    by_where = {one.where: one for one in moments}
    whole = by_where.get(())
    segments = [one for one in moments if one.where]
    large = [one for one in segments if one.effective >= minimum and whole and whole.effective - one.effective >= 2]
    skipped = len(segments) - len(large)
    if whole is None or not large:
        return Search(found=(), tested=0, skipped=skipped)
    effect, variance = _excess(_Columns.of(large), _Columns.of([whole]))
    p = _p_values(large, effect, variance, by_where, q)
    rejected = benjamini_hochberg(p[None], q)[0]
    tau = between_variance(effect, variance)
    z = float(special.ndtri(1 - 0.05 * max(int(rejected.sum()), 1) / len(large) / 2))
    found = [
        _reported(one, whole, (float(effect[k]), float(variance[k]), tau), float(p[k]), z)
        for k, one in enumerate(large)
        if rejected[k]
    ]
    found = [one for one in _merged(found, by_where) if not _explained(one, found, whole, by_where)]
    found.sort(key=lambda one: -one.excess)
    return Search(found=tuple(found[:most]), tested=len(large), skipped=skipped)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Moments of several segments (n,), by field."""

    rows: FloatArray
    effective: FloatArray
    mean: FloatArray
    mean_square: FloatArray

    @classmethod
    def of(cls, moments: Sequence[Moments]) -> _Columns:
        return cls(*np.array([(one.rows, one.effective, one.mean, one.mean_square) for one in moments]).T)

    def without(self, part: _Columns) -> _Columns:
        """The rows that are not in `part`."""
        rows = self.rows - part.rows
        safe = np.maximum(rows, 1e-12)
        return _Columns(
            rows,
            self.effective * rows / self.rows,
            (self.mean * self.rows - part.mean * part.rows) / safe,
            (self.mean_square * self.rows - part.mean_square * part.rows) / safe,
        )

    @property
    def noise(self) -> FloatArray:
        """Variance of the mean. Half a row of the common loss is added, so that one without errors has some as well."""
        spread = np.maximum(self.mean_square - self.mean**2, 0.0)
        return (spread + 0.5 * self.mean_square / (self.effective + 1)) / np.maximum(self.effective - 1, 1.0)


def _excess(some: _Columns, of: _Columns) -> tuple[FloatArray, FloatArray]:
    """(mean of each less that of the other rows of `of`, variance of this difference)."""
    rest = of.without(some)
    return some.mean - rest.mean, some.noise + rest.noise


def _one_sided(effect: FloatArray, variance: FloatArray) -> FloatArray:
    return np.asarray(special.ndtr(-effect / np.sqrt(np.maximum(variance, 1e-300))))


def _p_values(
    large: Sequence[Moments], effect: FloatArray, variance: FloatArray, by_where: Mapping[Where, Moments], q: float
) -> FloatArray:
    """One-sided p of a higher loss than the rest, and of two features than the rest of either one-feature segment.

    The latter is worked out only where the former is `q` or less: what is above can be no discovery.
    """
    p = _one_sided(effect, variance)
    for k in np.flatnonzero(p <= q).tolist():
        one = large[k]
        for part in one.where if len(one.where) > 1 else ():
            of = by_where.get((part,))
            if of is not None and of.effective - one.effective >= 2:  # else the same rows under another name
                p[k] = max(p[k], _one_sided(*_excess(_Columns.of([one]), _Columns.of([of])))[0])
    return p


def _merged(found: Sequence[BadSegment], by_where: Mapping[Where, Moments]) -> list[BadSegment]:
    """Segments of the very same rows as one, under the shortest of their names."""
    by_mark: dict[object, list[BadSegment]] = {}
    for one in sorted(found, key=lambda one: len(one.where)):
        by_mark.setdefault(by_where[one.where].mark or one.where, []).append(one)
    return [msgspec.structs.replace(same[0], also=tuple(one.where for one in same[1:])) for same in by_mark.values()]


def _explained(one: BadSegment, found: Sequence[BadSegment], whole: Moments, by_where: Mapping[Where, Moments]) -> bool:
    """Whether the segment is bad only by a worse reported part of it."""
    this = _Columns.of([by_where[one.where]])
    for part in found:
        if len(part.where) > len(one.where) and set(one.where) < set(part.where) and part.excess > one.excess:
            remaining = this.without(_Columns.of([by_where[part.where]]))
            if _one_sided(*_excess(remaining, _Columns.of([whole])))[0] > 0.05:
                return True
    return False


def between_variance(effect: FloatArray, variance: FloatArray) -> float:
    """DerSimonian and Laird's estimate of the variance of true effects between segments; 0 where noise explains all."""
    weight = 1 / np.maximum(variance, 1e-300)
    centre = (weight * effect).sum() / weight.sum()
    spread = (weight * (effect - centre) ** 2).sum() - (len(effect) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(spread / scale, 0.0)) if scale > 0 else 0.0


def _reported(one: Moments, whole: Moments, estimate: tuple[float, float, float], p: float, z: float) -> BadSegment:
    effect, variance, tau = estimate
    error = math.sqrt(variance)
    shrunk = effect * tau / (tau + variance) if tau + variance > 0 else effect
    rest = float(_Columns.of([whole]).without(_Columns.of([one])).mean[0])
    excess = max(shrunk, effect - error)
    return BadSegment(
        where=one.where, rows=round(one.rows), share=one.rows / whole.rows, loss=one.mean,
        rest=rest, excess=excess, low=excess - z * error, high=excess + z * error, p_value=p,
    )  # fmt: skip
