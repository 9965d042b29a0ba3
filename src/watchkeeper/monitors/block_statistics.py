"""What is watched of a column from block to block: means of bounded functions of its rows, all linear in the tally.

Numbers: mid-rank in the reference less 1/2, |mid-rank - 1/2|, and missing. Beyond the reference's range the rank goes
on, by 1 for each range of a uniform law with the reference's standard deviation, up to `FARTHEST`: summer lies beyond a
winter's training data, and a column must not be blind there. Categories: one indicator for each of the 8 most common
levels, one for levels never seen, and missing. Where the reference's rare levels alone let new ones come in more than
0.2 % of rows (Good 1953), as identifiers do, there is none for the unseen: no block of the reference can show how many
are ordinary, for its own levels are all seen. A row without a value has mid-rank 1/2 (neutral) and is counted in
`missing`. So the statistics of any window are `tally @ matrix / rows`: exact, additive, and free at every window
length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.detectors.registry import Evidence
from watchkeeper.monitors.columns import feature_name, watched
from watchkeeper.reference.marginal_scores import rank_scores
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.bins import Bins
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray, IntArray

TOP = 8
FARTHEST = 3.0
OPEN = 0.002


@dataclass(frozen=True)
class Part:
    """One statistic of one column: the `detector` it amounts to, its unit `effect`, and `what` a sentence calls it."""

    detector: str
    effect: str
    what: str


@dataclass(frozen=True)
class ColumnStatistics:
    """One column's J statistics: `scores` (cells, J) over its cells, `rows` (cells,) 1 where a cell counts rows."""

    name: str
    cells: slice
    scores: FloatArray
    rows: FloatArray
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class BlockStatistics:
    """All columns' statistics, side by side: `owner` (J,) is the position in `columns` of each statistic's column."""

    columns: tuple[ColumnStatistics, ...]
    owner: IntArray

    @property
    def parts(self) -> tuple[Part, ...]:
        """(J,) what each statistic is."""
        return tuple(part for column in self.columns for part in column.parts)

    def means(self, counts: IntArray) -> FloatArray:
        """(K, size) -> (K, J) mean scores; 0 for a block without rows."""
        rows = np.maximum(self.rows(counts), 1.0)
        means = [counts[:, c.cells] @ c.scores / rows[:, [i]] for i, c in enumerate(self.columns)]
        return np.concatenate(means, 1)

    def variances(self, counts: IntArray) -> FloatArray:
        """(size,) -> (J,) variance of one row's scores."""
        mean = self.means(counts[None])[0]
        rows = np.maximum(self.rows(counts[None])[0], 1.0)
        square = [counts[c.cells] @ c.scores**2 / rows[i] for i, c in enumerate(self.columns)]
        return np.maximum(np.concatenate(square) - mean**2, 0.0)

    def rows(self, counts: IntArray) -> FloatArray:
        """(K, size) -> (K, C) rows of each column."""
        return np.stack([counts[:, c.cells] @ c.rows for c in self.columns], 1)


def block_statistics(binning: Binning, whole: IntArray) -> BlockStatistics:
    """The statistics of every watched column, its mid-ranks and common levels taken from `whole` (size,)."""
    columns = tuple(_column(name, binning, whole) for name in watched(binning))
    owner = np.repeat(np.arange(len(columns)), [len(c.parts) for c in columns])
    return BlockStatistics(columns, owner)


def _column(name: str, binning: Binning, whole: IntArray) -> ColumnStatistics:
    bins, cells = binning.columns[name], binning.slice(name)
    rows = (bins.rows(np.eye(bins.size, dtype=np.int64)) > 0).astype(np.float64)
    scores, parts = _scores(bins, whole[cells], feature_name(name))
    return ColumnStatistics(name, cells, scores, rows, parts)


def _scores(bins: Bins, whole: IntArray, name: str) -> tuple[FloatArray, tuple[Part, ...]]:
    if isinstance(bins, NumericBins):
        return _reaching(bins, whole), (
            Part("location", "rank shift", f"the level of `{name}`"),
            Part("spread", "rank spread shift", f"the spread of `{name}`"),
            Part("missing", "change of rate", f"the share of missing `{name}`"),
        )
    if isinstance(bins, CategoricalBins):
        return _level_scores(bins, whole, name)
    raise TypeError(f"{type(bins).__name__} is not watched")


def _reaching(bins: NumericBins, whole: IntArray) -> FloatArray:
    """(cells, 3) the rank scores, the rank going on beyond the reference's range."""
    scores = rank_scores(bins, whole)
    sd, edges = float(bins.moments(whole)[2]), bins.edges
    if not sd > 0:
        return scores
    inner = edges.copy()
    inner[0], inner[-1] = edges[1], edges[-2]
    middle, per_sd = inner[:-1] / 2 + inner[1:] / 2, np.sqrt(12) * sd
    low, high = middle[: bins.lo_bin], middle[bins.hi_bin + 1 :]
    scores[: bins.lo_bin, 0] = np.maximum(-0.5 - (edges[bins.lo_bin] - low) / per_sd, -FARTHEST)
    beyond = slice(bins.hi_bin + 1, bins.value_bins)
    scores[beyond, 0] = np.minimum(0.5 + (high - edges[bins.hi_bin + 1]) / per_sd, FARTHEST)
    return scores


def _level_scores(bins: CategoricalBins, whole: IntArray, name: str) -> tuple[FloatArray, tuple[Part, ...]]:
    common = np.argsort(-bins.value_counts(whole), kind="stable")[:TOP]
    cells = [int(level) for level in common if bins.value_counts(whole)[level] > 0]
    parts = [
        Part("level_share", "change of share", f"the share of `{bins.labels[level]}` in `{name}`") for level in cells
    ]
    if bins.singletons <= OPEN * max(bins.seen_rows, 1):
        cells.append(bins.slot("unseen"))
        parts.append(Part(Evidence.UNSEEN.value, "change of rate", f"the share of unseen levels of `{name}`"))
    cells.append(bins.slot("missing"))
    parts.append(Part("missing", "change of rate", f"the share of missing `{name}`"))
    scores = np.zeros((bins.size, len(cells)))
    scores[cells, np.arange(len(cells))] = 1.0
    return scores, tuple(parts)
