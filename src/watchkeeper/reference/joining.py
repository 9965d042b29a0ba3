"""References of the same rows but different columns, joined into one: how columns are compiled side by side."""

from __future__ import annotations

from collections.abc import Sequence

from watchkeeper.reference.reference import Reference
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning


def join_columns(parts: Sequence[Reference], order: Sequence[str]) -> Reference:
    """One reference with the columns of all `parts`, in the `order` of their names as features.

    The parts must have been compiled from the same rows with the same times, so that their blocks are the same; what
    comes out is what compiling all the columns at once would have given, bit for bit.
    """
    features = {feature.name: feature for part in parts for feature in part.schema.features}
    columns = {name: bins for part in parts for name, bins in part.binning.columns.items()}
    ranked = sorted(columns, key=lambda name: order.index(name.partition(".")[2]))
    binning = Binning({name: columns[name] for name in ranked})
    first = parts[0]
    return Reference(
        schema=Schema(features=tuple(features[name] for name in order if name in features)),
        binning=binning,
        whole=binning.gather((part.binning, part.whole) for part in parts),
        rows=first.rows,
        block_width=first.block_width,
        block_starts=first.block_starts,
        blocks=tuple(
            binning.gather(zip((part.binning for part in parts), block, strict=True))
            for block in zip(*(part.blocks for part in parts), strict=True)
        ),
    )
