"""Weights: how many predictions a labelled row stands for.

Where only some predictions are labelled, and some more readily than others, a row that was picked with chance p stands
for 1/p rows (Horvitz and Thompson, 1952). Weights are kept as whole numbers of 1/256 row, so that weighted counts add
exactly; a row without a weight counts 256 units. Beside the weighted counts each tally keeps the rows themselves and
the sum of squared weights, from which comes the effective number of rows (Kish, 1965), (sum w)^2 / sum w^2: what the
intervals rest on. It equals the number of rows where all weigh the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from watchkeeper.performance.faults import Faults
from watchkeeper.schema.numbers import Column, as_floats
from watchkeeper.tallies.tally import FloatArray, IntArray

WEIGHT_ONE = 256
LARGEST = 1e5


def units_of(weights: Column | Sequence[float] | None, rows: int, faults: Faults) -> IntArray:
    """(n,) whole units of 1/256 row, at least 1. Weights must lie above 0 and be at most 100,000."""
    if weights is None:
        return np.full(rows, WEIGHT_ONE, np.int64)
    column = weights if isinstance(weights, pa.Array | pa.ChunkedArray) else pa.array(weights, pa.float64())
    values, _, _ = as_floats(column)
    with np.errstate(invalid="ignore"):
        wrong = ~((values > 0) & (values <= LARGEST))
    faults.add(wrong, lambda row: f"weight {values[row]} does not lie above 0 and at most {LARGEST:,.0f}")
    return np.maximum(np.rint(np.where(wrong, 1.0, values) * WEIGHT_ONE), 1.0).astype(np.int64)


def squares(weight: IntArray) -> IntArray:
    """(n,) squared weights in units of 1/256 too, so that a billion rows of weight 1 cannot overflow."""
    return np.maximum(weight * weight // WEIGHT_ONE, 1)


def effective(weight: IntArray, weight_sq: IntArray) -> FloatArray:
    """(...) the effective number of rows; 0 where there are none."""
    total = weight.astype(np.float64)
    return np.where(weight_sq > 0, total * total / np.maximum(weight_sq, 1) / WEIGHT_ONE, 0.0)
