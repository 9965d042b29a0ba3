"""Dependence: do columns move together otherwise than they did, each column alone being as it was?

Every column becomes a score with mean 0 and variance 1 *in its own sample*: normal scores of mid-ranks for numbers (van
der Waerden 1952), indicators of common levels for categories. So a change of a column alone changes nothing here. For
every pair of scores of different columns the correlations r of the two samples are compared; one row adds to r about

    u_a u_b - r (u_a^2 + u_b^2) / 2,

its influence (Devlin, Gnanadesikan, Kettenring 1975), whose variance over the rows gives each difference its error.
Two parts share the level: the sum of the squared standardised differences (detectors/sum_of_squares.py: many pairs
that changed a little), and the most surely changed pair, times the number of pairs.

Effect: the change of correlation in that pair, or, where the sum decides, the typical one.
Sees: columns swapped, joined on a wrong key, filled from elsewhere, a broken derivation; two that no longer agree.
Cannot see: dependence without correlation of ranks (a circle), of three columns at once, of rare levels. With more than
600 pairs only 600 of them, evenly spaced, are looked at.
Parameters: floors 0.05 for a pair and 0.02 for the typical change. At least 200 rows on each side.

Devlin, Gnanadesikan, Kettenring, *Robust estimation and outlier detection with correlation coefficients*, Biometrika 62
(1975); van der Waerden, *Order tests for the two-sample problem and their power*, Indagationes Mathematicae 14 (1952).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.detectors.result import GATE, Z_CONFIDENCE, Bar, Result
from watchkeeper.detectors.sum_of_squares import SumOfSquares
from watchkeeper.reference.dependence import standardised
from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.tally import FloatArray, IntArray

FLOOR, PAIR_FLOOR = 0.02, 0.05
EFFECT, PAIR_EFFECT = "typical change of correlation", "change of correlation"
FEWEST = 200
MOST_PAIRS = 600
_LEARNED = 2_000
_PARTS = 2


@dataclass(frozen=True)
class DependenceShift:
    """The two parts, each (1,); the surest `pair` of scores, its correlation `before` and `now`; pairs looked at."""

    typical: Result
    surest: Result
    pair: tuple[int, int]
    before: float
    now: float
    pairs: int

    @property
    def deciding(self) -> Result:
        """The part with the smaller p, of those whose effect is shown to exceed its floor; p corrected for both."""
        return min(self.surest, self.typical, key=lambda part: (float(part.gated[0]), float(part.p_value[0])))


def dependence_shift(
    reference: FloatArray, window: FloatArray, owner: IntArray, level: float
) -> DependenceShift | None:
    """Compare scores `reference` (m, d) with `window` (n, d) of the columns `owner` (d,).

    None where there is nothing to compare: under 200 rows on a side, or no two columns with scores.
    """
    first, second = pairs_of(owner)
    if min(len(reference), len(window)) < FEWEST or not len(first):
        return None
    samples = standardised(reference), standardised(window)
    before, now = ((u.T @ u / len(u))[first, second] for u in samples)
    influence = np.concatenate([_influence(u, r, first, second) for u, r in zip(samples, (before, now), strict=True)])
    error = influence.std(0)
    known = error > 1e-6
    first, second, error = first[known], second[known], error[known]
    gap, n, m = (now - before)[known], np.array([float(len(window))]), np.array([float(len(reference))])
    if not len(gap):
        return None
    size = float((n * m / (n + m))[0])
    z2 = size * (gap / error) ** 2
    moments = SquareMoments.of(standardised(influence[:, known]))
    total = SumOfSquares(np.array([z2.sum()]), np.array([float(len(gap))]), n, m, moments)
    worst = int(z2.argmax())
    return DependenceShift(
        typical=_shared(total.result(Bar(level / _PARTS, FLOOR))),
        surest=_pair(gap[worst], error[worst] / np.sqrt(size), level, len(gap)),
        pair=(int(first[worst]), int(second[worst])),
        before=float(before[known][worst]),
        now=float(now[known][worst]),
        pairs=len(gap),
    )


def pairs_of(owner: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs of scores of different columns, at most 600 of them."""
    first, second = np.triu_indices(len(owner), 1)
    apart = owner[first] != owner[second]
    first, second = first[apart], second[apart]
    kept = np.arange(min(MOST_PAIRS, len(first))) * len(first) // max(min(MOST_PAIRS, len(first)), 1)
    return first[kept], second[kept]


def normal_scores(cells: IntArray, size: int) -> FloatArray:
    """(N,) normal scores of the mid-ranks of ascending cells (N,); 0 for rows without a value (cell `size` or more)."""
    counts = np.bincount(cells[cells < size], minlength=size)[:size]
    share = counts / max(int(counts.sum()), 1)
    scores = special.ndtri(np.clip(np.cumsum(share) - share / 2, 1e-9, 1 - 1e-9))
    return np.append(scores, 0.0)[np.minimum(cells, size)]


def _influence(u: FloatArray, r: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """(rows, pairs) of at most 2,000 rows, evenly spaced."""
    some = u[np.arange(min(_LEARNED, len(u))) * len(u) // min(_LEARNED, len(u))]
    a, b = some[:, first], some[:, second]
    influence: FloatArray = a * b - r * (a**2 + b**2) / 2
    return influence - influence.mean(0)


def _pair(gap: float, error: float, level: float, pairs: int) -> Result:
    z = abs(gap) / error
    p = min(1.0, 2 * float(special.ndtr(-z)) * pairs * _PARTS)
    gate = float(special.ndtr(-(abs(gap) - PAIR_FLOOR) / error))
    smallest = Bar(level / _PARTS / pairs, PAIR_FLOOR).smallest_shift(np.array(error))
    values = (z, gap, gap - Z_CONFIDENCE * error, gap + Z_CONFIDENCE * error, p, gate, float(smallest))
    return Result(*(np.array([value]) for value in values))


def _shared(part: Result) -> Result:
    """The part's p corrected for the other part."""
    p = np.minimum(1.0, part.p_value * _PARTS)
    return Result(part.statistic, part.effect, part.low, part.high, p, part.gate, part.smallest)


def decided(shift: DependenceShift, level: float) -> bool:
    """Whether either part passes both conditions at `level`."""
    return any(
        float(part.gate[0]) <= GATE and float(part.p_value[0]) <= level for part in (shift.surest, shift.typical)
    )
