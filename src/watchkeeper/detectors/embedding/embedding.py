"""What every embedding promises: fitted once on the reference, frozen from then on.

`fit(values, rng)` learns from the reference; `transform(values)` gives (n, d) numbers, one row a value, NaN throughout
where a value is missing or cannot be read. The same values give the same numbers on either side and on any machine, so
a column of them can be tallied like any numeric feature. `to_dict` is plain JSON; nothing is ever pickled.

What was learned from rows fits those rows better than any others. An embedding that learns directions from its rows
(principal components) must therefore not be asked about the same rows again: hold some out. Random projections learn
only a mean and a scale of each dimension, which does no harm; n-grams and untrained encoders learn nothing.

Every d numbers of D keep some of what D numbers said. A shift that is orthogonal to all of them is not seen.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from watchkeeper.tallies.tally import FloatArray

BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@runtime_checkable
class Embedding(Protocol):
    """Fitted: values in, (n, d) numbers out."""

    @property
    def labels(self) -> tuple[str, ...]:
        """(d,) what to put after the column's name: `[0]`, `.length`."""
        ...

    def transform(self, values: Any) -> FloatArray:
        """(n, d) numbers, NaN throughout for what is missing. Raises BadInput for what is of another kind."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with its `kind`."""
        ...


def numbered(dimensions: int) -> tuple[str, ...]:
    """Labels of so many dimensions: `[0]`, `[1]` and so on."""
    return tuple(f"[{i}]" for i in range(dimensions))


def spread_out(known: BoolArray, rows: FloatArray) -> FloatArray:
    """(n, d) with `rows` where `known` (n,) and NaN elsewhere."""
    full = np.full((len(known), rows.shape[1]), np.nan)
    full[known] = rows
    return full
