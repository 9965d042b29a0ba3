"""A binning of rows and its cells, as a reference has them."""

from __future__ import annotations

import pyarrow as pa

from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.tallies.binning import Binning
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import FloatArray


def cells_of(reference: pa.Table) -> FeatureCells:
    """Texts as levels, all else as numbers; every column is a feature."""
    texts = {name for name in reference.column_names if pa.types.is_string(reference.schema.field(name).type)}
    bins = {
        name: CategoricalBins.fit(reference[name]) if name in texts else NumericBins.fit(reference[name])
        for name in reference.column_names
    }
    binning = Binning(bins)
    return FeatureCells.of(binning, binning.tally(reference).counts, reference.column_names)


def profile_of(cells: FeatureCells, rows: pa.Table) -> tuple[FloatArray, int]:
    """Of the rows' tally."""
    return cells.profile_of(cells.binning.tally(rows).counts)
