"""Pairs of recorded rows and their labels, as the rows are read (labelled_rows.py)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.events.inference import OUTPUT
from watchkeeper.performance.pairs import Pairs
from watchkeeper.schema.numbers import BoolArray

Sifted = tuple[Pairs | None, BoolArray]


def labelled_pairs(task: str, classes: Sequence[str], rows: pa.Table, labels: pa.ChunkedArray | None = None) -> Sifted:
    """(pairs of the rows that have a label which can be read, which rows these are).

    `rows` hold `output.…`, `label` and `weight`; `labels` stand in for theirs.
    """
    labels = rows["label"] if labels is None else labels
    known = np.asarray(labels.is_valid().to_numpy(zero_copy_only=False), bool)
    if not known.any():
        return None, known
    some = rows.filter(pa.array(known))
    weights = pc.fill_null(some["weight"], 1.0)
    outputs = some.select([name for name in some.column_names if name.startswith(OUTPUT)])
    pairs, good, _ = Pairs.sift(task, classes, outputs, labels.filter(pa.array(known)), weights)
    known[np.flatnonzero(known)[~good]] = False
    return pairs, known
