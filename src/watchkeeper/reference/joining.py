"""References of the same rows but different columns, joined into one: how columns are compiled side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from watchkeeper.events.inference import INPUT
from watchkeeper.reference.compiling import fit_dependence
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import Binning


def join_columns(parts: Sequence[Reference], order: Sequence[str], rows: pa.Table | None = None) -> Reference:
    """One reference with the columns of all `parts`, in the `order` of their names as features.

    The parts must have been compiled from the same rows with the same times, so that their blocks are the same; what
    comes out is what compiling all the columns at once would have given, bit for bit. How columns move together no part
    can know: it is learned from the `rows`, named as the features, where they are given.
    """
    features = {feature.name: feature for part in parts for feature in part.schema.features}
    columns = {name: bins for part in parts for name, bins in part.binning.columns.items()}
    ranked = sorted(columns, key=lambda name: order.index(name.partition(".")[2]))
    binning = Binning({name: columns[name] for name in ranked})
    first, schema = parts[0], Schema(features=tuple(features[name] for name in order if name in features))
    whole = binning.gather((part.binning, part.whole) for part in parts)
    return Reference(
        schema=schema,
        binning=binning,
        whole=whole,
        rows=first.rows,
        block_width=first.block_width,
        block_starts=first.block_starts,
        blocks=tuple(
            binning.gather(zip((part.binning for part in parts), block, strict=True))
            for block in zip(*(part.blocks for part in parts), strict=True)
        ),
        dependence=None if rows is None else fit_dependence(schema, binning, whole, prefixed(rows, INPUT)),
    )
