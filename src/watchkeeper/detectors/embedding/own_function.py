"""A function of the user's own: a list of values in, an array (n, D) out.

Above eight dimensions its vectors are projected at random (random_projection.py), else taken as they are. The function
is called with the values that are there, missing ones left out, and must give one row for each. Sees and cannot see:
what the function keeps. It is code, so it cannot be written to a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.detectors.embedding.embedding import BoolArray, Embedding, spread_out
from watchkeeper.detectors.embedding.passed_through import PassedThrough
from watchkeeper.detectors.embedding.random_projection import DIMENSIONS, RandomProjection
from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray

Function = Callable[[list[Any]], Any]


@dataclass(frozen=True)
class OwnFunction:
    """`function`, and what makes few columns of its vectors."""

    function: Function
    then: Embedding

    @classmethod
    def fit(
        cls, values: Any, rng: np.random.Generator, *, function: Function, dimensions: int = DIMENSIONS
    ) -> OwnFunction:
        """Call the function on the reference and fit what follows it; raises BadInput for what is no (n, D)."""
        _, rows = _called(function, values)
        wide = rows.shape[1] > dimensions
        then = RandomProjection.fit(rows, rng, dimensions=dimensions) if wide else PassedThrough.fit(rows, rng)
        return cls(function, then)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.then.labels

    def transform(self, values: Any) -> FloatArray:
        known, rows = _called(self.function, values)
        return spread_out(known, self.then.transform(rows) if len(rows) else np.zeros((0, len(self.labels))))

    def to_dict(self) -> dict[str, Any]:
        """Raises BadInput: a function has no file."""
        raise BadInput("A function of your own cannot be written to a file.", hint="Embed the column before.")


def _called(function: Function, values: Any) -> tuple[BoolArray, FloatArray]:
    """(known (n,), rows (known, D))."""
    every = values.to_pylist() if isinstance(values, pa.Array | pa.ChunkedArray) else list(values)
    there = [value for value in every if value is not None]
    known = np.array([value is not None for value in every], np.bool_)
    if not there:
        return known, np.zeros((0, 1))
    rows = np.asarray(function(there))
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or len(rows) != len(there) or rows.dtype.kind not in "fiub" or not rows.shape[1]:
        raise BadInput(
            f"The embedding function gave {rows.dtype} of shape {rows.shape} for {len(there)} values.",
            hint="It takes a list of values and gives an array with one row of numbers for each.",
        )
    return known, rows.astype(np.float64)
