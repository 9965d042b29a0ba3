"""Omnibus: have many columns moved a little, together?

T adds up the squared standardised shifts of every column's scores: rank, spread, missing, and each level of at least
1 % (reference/marginal_scores.py). Scores are linear in the tallies, so T needs no rows; the null knows how the columns
move together (reference/dependence.py), so columns that repeat each other count once. Standard deviations are those of
both samples pooled, so that the mean of T is exact under random dealing of the rows.

A second sum takes the shifts along the few directions in which the reference's rows differ most, each times its
variance (reference/leading.py): a changed mix of rows moves there. The two share the omnibus's level; both need the
first one's effect over the floor.

Effect: the typical shift over the scores, in standard deviations, less what chance explains.
Sees: a diffuse shift of which no column alone is sure: another mix of customers, a changed share of a label. At 500
rows it finds a label share of 0.24 that became 0.40 twice as often as the columns do.
Cannot see: one rare level, one column among many (the columns' own tests do), a change of dependence with every column
as it was. Which columns moved it does not say.
Parameters: floor 0.02, as if every score had moved by 0.02 standard deviations: with a million rows, smaller is
certain and harmless. On a census table p held to within 0.4 and 1.5 times its level from 1/20 to 1/5,760, for windows
of 50 to 1,000 rows and references of 1,000 rows and more; smaller references are not judged by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.sum_of_squares import SumOfSquares
from watchkeeper.reference.dependence import Dependence
from watchkeeper.reference.marginal_scores import MarginalScores
from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

FLOOR = 0.02
EFFECT = "typical shift, sd"
LEAST_ROWS = 50
LEAST_REFERENCE = 1_000


@dataclass(frozen=True)
class Shifts:
    """`moves` (W, J): each score's shift over its permutation error; `rows` (W, J) and the reference's.

    `directions` (k, J) are the leading ones, None where they are not known.
    """

    moves: FloatArray
    rows: FloatArray
    reference_rows: FloatArray
    dependence: Dependence
    directions: FloatArray | None = None

    def result(self, bar: Bar, used: BoolArray | None = None) -> Result:
        """The answer (W,), over the scores `used` (W, J) that have rows."""
        counted = self.rows > 0 if used is None else used & (self.rows > 0)
        square, mean = np.where(counted, self.moves**2, 0.0).sum(1), counted.sum(1).astype(np.float64)
        return self._sum(square, mean, self.dependence.moments).result(bar)

    def along(self, bar: Bar) -> FloatArray | None:
        """(W,) the p-value of the shifts along the leading directions; None where these are not known."""
        leading = self.dependence.leading
        if leading is None or self.directions is None:
            return None
        square = ((self.moves @ self.directions.T) ** 2).sum(1)
        return self._sum(square, np.full(len(square), leading.moments.trace), leading.moments).result(bar).p_value

    def _sum(self, statistic: FloatArray, mean: FloatArray, moments: SquareMoments) -> SumOfSquares:
        n = np.maximum(self.rows.max(1, initial=1.0), 1.0)
        m = np.full(len(self.rows), np.maximum(self.reference_rows.max(initial=1.0), 1.0))
        return SumOfSquares(statistic, mean, n, m, moments)


def shifts(
    scores: MarginalScores,
    dependence: Dependence,
    reference: IntArray,
    windows: IntArray,
    directions: FloatArray | None = None,
) -> Shifts:
    """Measure `windows` (W, size) against `reference` (size,); `directions` (k, J) are those of these scores."""
    total, square, rows = scores.sums(windows)
    before, square_before, rows_before = scores.sums(reference)
    n, m = np.maximum(rows, 1.0), np.maximum(rows_before, 1.0)
    both = n + m
    mean = (total + before) / both
    variance = np.maximum((square + square_before) / both - mean**2, 0.0) * both / np.maximum(both - 1, 1.0)
    error = variance * (1 / n + 1 / m)
    gap = np.where(rows > 0, total / n - before / m, 0.0)
    moves = np.where(error > 0, gap / np.sqrt(np.where(error > 0, error, 1.0)), 0.0)
    return Shifts(moves, rows, rows_before, dependence, directions)
