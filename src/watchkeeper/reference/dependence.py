"""How a reference's columns move together: what a test over all columns at once must know, learned once from its rows.

Tallies hold each column alone. A test that adds up small changes over columns needs the correlation of their scores
too (marginal_scores.py), or a sample in which ten columns repeat one would count as ten. Only the moments of the sum of
squares are kept (square_moments.py), a few numbers for any number of columns, and the directions along which rows
differ most (leading.py); no rows.
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.reference.leading import Leading
from watchkeeper.reference.marginal_scores import MarginalScores, marginal_scores
from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

SAMPLE = 50_000
_LEAST_SAMPLE = 2_000
_WORK = 4e9
_FEWEST = 50


class Dependence(msgspec.Struct, frozen=True):
    """Moments of the sum of squared scores of `columns`, learned from `rows` of the reference's rows.

    `leading` is None in files of before it was learned.
    """

    columns: tuple[str, ...]
    rows: int
    moments: SquareMoments
    leading: Leading | None = None

    @classmethod
    def fit(cls, binning: Binning, whole: Tally, rows: pa.Table) -> Dependence | None:
        """Learn from `rows`, whose columns, named as in the binning, are the ones to be added up.

        A fixed sample of at most 50,000 rows is used, fewer where there are more than 280 scores. None where there is
        nothing to learn: under 50 rows, or no column with a score.
        """
        scores = marginal_scores(binning, whole.counts, rows.column_names)
        if rows.num_rows < _FEWEST or not scores.columns:
            return None
        size = sample_size(rows.num_rows, scores.size)
        values = standardised(scores.of_rows(binning, evenly(rows, size)))
        names = tuple(column.name for column in scores.columns)
        return cls(names, size, SquareMoments.of(values), Leading.of(values))

    def scores(self, binning: Binning, whole: IntArray) -> MarginalScores:
        """The scores whose moments these are."""
        return marginal_scores(binning, whole, self.columns)


def sample_size(rows: int, scores: int) -> int:
    """How many of `rows` to learn from: fewer the more scores there are, so that work stays near four billion steps."""
    return min(rows, SAMPLE, max(_LEAST_SAMPLE, int(_WORK / scores**2)))


def evenly(rows: pa.Table, size: int) -> pa.Table:
    """`size` rows, evenly spaced; all of them where there are no more."""
    if size >= rows.num_rows:
        return rows
    return rows.take(pa.array(np.arange(size, dtype=np.int64) * rows.num_rows // size))


def standardised(values: FloatArray) -> FloatArray:
    """(N, J) scores less their means, in standard deviations; constants become 0."""
    centred = values - values.mean(0)
    scale = centred.std(0)
    return centred / np.where(scale > 1e-12, scale, np.inf)
