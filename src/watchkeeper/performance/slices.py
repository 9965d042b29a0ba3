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
from itertools import combinations

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.multiplicity import benjamini_hochberg
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.weights import WEIGHT_ONE, effective, squares
from watchkeeper.tallies.tally import FloatArray, IntArray

Where = tuple[tuple[str, str], ...]
MINIMUM = 30
LEVELS = 50
_MARK = np.uint64(0x9E3779B97F4A7C15)


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


def segment_moments(pairs: Pairs, features: Mapping[str, Sequence[object]], depth: int = 2) -> list[Moments]:
    """Losses of the whole (first, `where` empty) and of each segment of one, then of two features.

    `features` map a name to the level of each of the n rows. A feature's 50 most frequent levels are looked at; None
    is a level. Rows without a loss (queries without relevant items) are left out.
    """
    loss = row_losses(pairs)[MAIN]
    rows = _Rows(loss, pairs.weight)
    codes = {name: _codes(levels) for name, levels in features.items()}
    found = rows.moments(np.zeros(len(loss), np.int64), [()])
    for name, (code, levels) in codes.items():
        found += rows.moments(code, [((name, level),) for level in levels])
    for a, b in combinations(codes, 2) if depth > 1 else ():
        (code_a, levels_a), (code_b, levels_b) = codes[a], codes[b]
        both = np.where((code_a < 0) | (code_b < 0), -1, code_a * len(levels_b) + code_b)
        found += rows.moments(both, [((a, one), (b, two)) for one in levels_a for two in levels_b])
    return found


def _codes(values: Sequence[object]) -> tuple[IntArray, list[str]]:
    """(place of each row's level, -1 beyond the most frequent; their texts), the most frequent first."""
    texts = np.array(["missing" if value is None else str(value) for value in values], dtype=object)
    levels, code, rows = np.unique(texts.astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-rows, kind="stable")[:LEVELS]
    place = np.full(len(levels), -1, np.int64)
    place[order] = np.arange(len(order))
    return place[code], [str(levels[k]) for k in order]


class _Rows:
    """Losses and weights of the rows, summed by a code for each row."""

    def __init__(self, loss: FloatArray, weight: IntArray) -> None:
        self._known = np.isfinite(loss)
        self._loss, self._weight = loss[self._known], weight[self._known]
        self._mark = np.arange(1, len(self._loss) + 1, dtype=np.uint64) * _MARK
        self._mark ^= self._mark >> np.uint64(29)

    def moments(self, code: IntArray, where: Sequence[Where]) -> list[Moments]:
        code, size = code[self._known], len(where)
        inside = code >= 0
        code, loss, weight = code[inside], self._loss[inside], self._weight[inside]
        of = np.bincount(code, weight, size)
        worth = effective(of, np.bincount(code, squares(weight), size))
        total, square = (np.bincount(code, weight * loss**power, size) for power in (1, 2))
        mark = np.zeros(size, np.uint64)
        np.add.at(mark, code, self._mark[inside])
        return [
            Moments(
                where=where[k],
                rows=float(of[k] / WEIGHT_ONE),
                effective=float(worth[k]),
                mean=float(total[k] / of[k]),
                mean_square=float(square[k] / of[k]),
                mark=int(mark[k]),
            )
            for k in np.flatnonzero(of).tolist()
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
    effect, variance = np.array([_excess(one, whole) for one in large]).T
    p = np.array([_p_value(one, whole, by_where) for one in large])
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


def _rest(of: Moments, without: Moments) -> Moments:
    """The rows of `of` that are not in `without`."""
    rows = of.rows - without.rows
    safe = max(rows, 1e-12)
    return Moments(
        where=of.where,
        rows=rows,
        effective=of.effective * rows / of.rows,
        mean=(of.mean * of.rows - without.mean * without.rows) / safe,
        mean_square=(of.mean_square * of.rows - without.mean_square * without.rows) / safe,
    )


def _excess(one: Moments, of: Moments) -> tuple[float, float]:
    """(mean of `one` less that of the other rows of `of`, variance of this difference)."""
    rest = _rest(of, one)
    return one.mean - rest.mean, _noise(one) + _noise(rest)


def _noise(one: Moments) -> float:
    """Variance of a mean. Half a row of the common loss is added, so that a segment without errors has one as well."""
    spread = max(one.mean_square - one.mean**2, 0.0)
    return (spread + 0.5 * one.mean_square / (one.effective + 1)) / max(one.effective - 1, 1.0)


def _p_value(one: Moments, whole: Moments, by_where: Mapping[Where, Moments]) -> float:
    """One-sided p of a higher loss than the rest, and of two features than the rest of either one-feature segment."""
    against = [whole, *(by_where[(part,)] for part in one.where if len(one.where) > 1 and (part,) in by_where)]
    worst = 0.0
    for of in against:
        if of.effective - one.effective < 2:
            continue  # the same rows under another name: nothing to tell apart
        effect, variance = _excess(one, of)
        worst = max(worst, float(special.ndtr(-effect / np.sqrt(max(variance, 1e-300)))))
    return worst


def _merged(found: Sequence[BadSegment], by_where: Mapping[Where, Moments]) -> list[BadSegment]:
    """Segments of the very same rows as one, under the shortest of their names."""
    by_mark: dict[object, list[BadSegment]] = {}
    for one in sorted(found, key=lambda one: len(one.where)):
        by_mark.setdefault(by_where[one.where].mark or one.where, []).append(one)
    return [msgspec.structs.replace(same[0], also=tuple(one.where for one in same[1:])) for same in by_mark.values()]


def _explained(one: BadSegment, found: Sequence[BadSegment], whole: Moments, by_where: Mapping[Where, Moments]) -> bool:
    """Whether the segment is bad only by a worse reported part of it."""
    this = by_where[one.where]
    for part in found:
        if len(part.where) > len(one.where) and set(one.where) < set(part.where) and part.excess > one.excess:
            effect, variance = _excess(_rest(this, by_where[part.where]), whole)
            if special.ndtr(-effect / np.sqrt(max(variance, 1e-300))) > 0.05:
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
    excess = max(shrunk, effect - error)
    return BadSegment(
        where=one.where, rows=round(one.rows), share=one.rows / whole.rows, loss=one.mean,
        rest=_rest(whole, one).mean, excess=excess, low=excess - z * error, high=excess + z * error, p_value=p,
    )  # fmt: skip
