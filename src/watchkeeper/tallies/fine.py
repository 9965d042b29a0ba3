"""A numeric column tallied before its bins are known: on the fine grid itself, folded afterwards.

Bins are unions of whole grid cells (grid.py), so a tally whose bins are single cells folds into that of any bins by
adding neighbours: bit for bit what counting the rows again on those bins would give. The reference is thus counted in
the same pass that chooses its bins, and a file of any length needs to be read no oftener than memory holds it.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from watchkeeper.tallies import grid
from watchkeeper.tallies.numeric import NumericBins, centre_and_scale, choose_cuts
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally


class FineBins(NumericBins):
    """Numeric bins that are the finite cells of the grid; the table that folds them is shared by all columns."""

    def _fold(self) -> IntArray:
        return _identity(self.value_bins)


@cache
def _cells() -> IntArray:
    return np.arange(grid.FIRST_FINITE, grid.LAST_FINITE + 2)


@cache
def _identity(value_bins: int) -> IntArray:
    """What `NumericBins._fold` makes of single cells: (65536,) the cell of each prefix."""
    bins = NumericBins(centre=0.0, scale=1.0, cuts=_cells().tolist(), lo_bin=0, hi_bin=value_bins - 1)
    return bins._bin_of_prefix


def fine_bins(
    spread: FloatArray,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    whole: bool = False,
    length: bool = False,
) -> FineBins:
    """Single cells around the middle of `spread`, the values of evenly spaced rows of the reference."""
    centre, scale = centre_and_scale(spread)
    last = grid.LAST_FINITE - grid.FIRST_FINITE
    return FineBins(
        centre=centre, scale=scale, cuts=_cells(), lo_bin=0, hi_bin=last,
        minimum=minimum, maximum=maximum, whole=whole, length=length,
    )  # fmt: skip


def folded(fine: FineBins, tally: Tally) -> tuple[NumericBins, Tally]:
    """The bins that a reference counted as `tally` asks for, and its tally on them."""
    cells = np.zeros(grid.CELLS, np.int64)
    values, rest = np.split(tally.counts, [fine.value_bins])
    cells[grid.FIRST_FINITE : grid.LAST_FINITE + 1] = values
    cuts, lo_bin, hi_bin, atoms = choose_cuts(cells)
    bins = NumericBins(
        centre=fine.centre, scale=fine.scale, cuts=cuts, lo_bin=lo_bin, hi_bin=hi_bin, atoms=atoms,
        minimum=fine.minimum, maximum=fine.maximum, whole=fine.whole, length=fine.length,
    )  # fmt: skip
    counts = np.add.reduceat(values, bins.cuts[:-1] - grid.FIRST_FINITE)
    return bins, Tally(np.concatenate([counts, rest]), tally.low, tally.high)
