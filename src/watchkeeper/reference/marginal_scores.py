"""Bounded functions of single columns whose means are linear in the tallies: mean = tally @ scores / rows.

Numbers: mid-rank in the reference less 1/2, |mid-rank - 1/2|, and missing. Categories: an indicator of each level, and
missing. A row without a value has the neutral rank 1/2 and is counted in `missing`. Only scores with a standardised
fourth moment of at most 100 are kept, which for an indicator means 1 % of the rows: rarer ones have laws of their own
at any usual n, and exact tests on the column see them better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

MOST_PEAKED = 100.0
_NEUTRAL = (0.0, 0.25, 1.0)


@dataclass(frozen=True)
class ColumnScores:
    """One column's J scores: `scores` (cells, J) over its cells, `counted` (cells,) 1 where a cell counts rows."""

    name: str
    cells: slice
    scores: FloatArray
    counted: FloatArray


@dataclass(frozen=True)
class MarginalScores:
    """All columns' scores, side by side."""

    columns: tuple[ColumnScores, ...]

    @property
    def size(self) -> int:
        """J, how many scores there are."""
        return sum(column.scores.shape[1] for column in self.columns)

    def sums(self, counts: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(..., size) -> sums of the scores, sums of their squares, and rows counted, each (..., J)."""
        parts = []
        for column in self.columns:
            own = counts[..., column.cells].astype(np.float64)
            rows = np.broadcast_to((own @ column.counted)[..., None], (*own.shape[:-1], column.scores.shape[1]))
            parts.append((own @ column.scores, own @ column.scores**2, rows))
        sums, squares, rows = (np.concatenate(part, -1) for part in zip(*parts, strict=True))
        return sums, squares, rows

    def of_rows(self, binning: Binning, rows: pa.Table) -> FloatArray:
        """(N, J) the scores of each row of `rows`, whose columns are named as in the binning."""
        return np.concatenate(
            [column.scores[binning.columns[column.name].encode(rows[column.name]).cell] for column in self.columns], 1
        )


def marginal_scores(binning: Binning, whole: IntArray, names: Sequence[str]) -> MarginalScores:
    """The scores of the columns `names` that have any, their ranks and common levels taken from `whole` (size,)."""
    columns = (_column(name, binning, whole) for name in names)
    return MarginalScores(tuple(column for column in columns if column.scores.shape[1]))


def rank_scores(bins: NumericBins, whole: IntArray) -> FloatArray:
    """(cells, 3) mid-rank less 1/2, |mid-rank - 1/2| and missing, for a column whose cells hold `whole` (cells,)."""
    scores = np.zeros((bins.size, 3))
    counts = bins.value_counts(whole)
    share = counts / max(int(counts.sum()), 1)
    rank = np.cumsum(share) - share / 2 - 0.5
    scores[: bins.value_bins, 0] = rank
    scores[: bins.value_bins, 1] = np.abs(rank)
    for fault in ("missing", "nan", "infinite", "unreadable"):
        scores[bins.slot(fault)] = _NEUTRAL
    return scores


def _column(name: str, binning: Binning, whole: IntArray) -> ColumnScores:
    bins, cells = binning.columns[name], binning.slice(name)
    counted = (bins.rows(np.eye(bins.size, dtype=np.int64)) > 0).astype(np.float64)
    scores = _scores(bins, whole[cells])
    kept = _peakedness(scores, whole[cells] * counted) <= MOST_PEAKED
    return ColumnScores(name, cells, scores[:, kept] * counted[:, None], counted)


def _scores(bins: Bins, whole: IntArray) -> FloatArray:
    if isinstance(bins, NumericBins):
        return rank_scores(bins, whole)
    if isinstance(bins, CategoricalBins):
        return np.eye(bins.size)[:, [*range(bins.value_bins), bins.slot("missing")]]
    return np.zeros((bins.size, 0))


def _peakedness(scores: FloatArray, counts: FloatArray | IntArray) -> FloatArray:
    """(J,) standardised fourth moment of scores (cells, J) in `counts` (cells,); infinite for a constant."""
    share = counts / max(float(counts.sum()), 1.0)
    centred = scores - share @ scores
    square = share @ centred**2
    constant = square < 1e-12
    fourth: FloatArray = np.where(constant, np.inf, share @ centred**4 / np.where(constant, 1.0, square) ** 2)
    return fourth
