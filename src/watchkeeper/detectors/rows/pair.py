"""Two samples of rows as every test here reads them: checked, pooled, and, if asked, in blocks.

Raises BadInput for what is not numbers, for no rows, for missing or infinite values (drop or fill them first; that they
are missing is a finding of its own), for samples of different width. Too few rows, or rows all the same, are no fault
of the caller's: the answer is *not computable*, or that nothing differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.tallies.tally import FloatArray, IntArray

Blocks = tuple[Any, Any]
BoolArray = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

FEWEST = 2
MOST = 8_000
_HUGE = 1e150  # beyond it squares overflow


@dataclass(frozen=True, slots=True)
class Pair:
    """`rows` (m + n, d), reference first; `blocks` (m + n,) numbers of blocks, each within one sample, or None."""

    rows: FloatArray
    m: int
    n: int
    blocks: IntArray | None = None

    @property
    def constant(self) -> bool:
        """Whether all rows are the same."""
        return bool((self.rows == self.rows[0]).all())

    @property
    def values(self) -> FloatArray:
        """(m + n,) the values of the one column; raises BadInput where there are several."""
        if self.rows.shape[1] != 1:
            raise BadInput(f"This test takes one column, not {self.rows.shape[1]}.", hint="Test each, or use mmd.")
        return self.rows[:, 0]

    @property
    def standardised(self) -> FloatArray:
        """(m + n, d) every column less its mean, in its own standard deviations, both of all rows together."""
        largest = np.abs(self.rows).max(0)
        rows = self.rows / np.where(largest > _HUGE, largest, 1.0)
        centred = rows - rows.mean(0)
        scale = centred.std(0)
        return centred / np.where(scale > 0, scale, 1.0)

    def limited(self, most: int = MOST) -> Pair:
        """The same; raises TooLarge beyond `most` rows, for tests whose memory grows with the square of them."""
        if len(self.rows) > most:
            raise TooLarge(
                f"This test compares every row with every other: {len(self.rows):,} rows are more than {most:,}.",
                hint="Draw a sample of the rows, or compare tallies, which take any number.",
            )
        return self

    def refusal(self, test: str) -> RowResult | None:
        """The answer where there is nothing to compute: too few rows, or all rows the same; None otherwise."""
        if min(self.m, self.n) < FEWEST:
            note = f"not computable: {self.n} rows against {self.m}, at least {FEWEST} on either side are needed"
            return RowResult(test=test, statistic=None, p_value=None, n=self.n, m=self.m, note=note)
        if self.constant:
            return RowResult(test=test, statistic=0.0, p_value=1.0, n=self.n, m=self.m, note="all rows are the same")
        return None


def paired(reference: Any, window: Any, blocks: Blocks | None = None) -> Pair:
    """Read two samples, each (rows,) or (rows, columns), and the block of each row where `blocks` has (both) ids."""
    left, right = _matrix(reference, "reference"), _matrix(window, "window")
    if left.shape[1] != right.shape[1]:
        raise BadInput(f"The reference has {left.shape[1]} columns and the window {right.shape[1]}.")
    numbers = None if blocks is None else _numbered(blocks, len(left), len(right))
    return Pair(np.concatenate([left, right]), len(left), len(right), numbers)


def _matrix(data: Any, name: str) -> FloatArray:
    try:
        matrix = np.asarray(data, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"The {name} holds what is not a number.", hint="Encode categories first.") from error
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2:
        raise BadInput(f"The {name} has {matrix.ndim} dimensions; rows, or rows and columns, are wanted.")
    if not matrix.size:
        raise BadInput(f"The {name} has no rows.")
    missing = int((~np.isfinite(matrix)).any(1).sum())
    if missing:
        raise BadInput(
            f"The {name} has {missing} rows with missing or infinite values.",
            hint="Drop or fill them, and watch their rate for itself.",
        )
    return matrix


def _numbered(blocks: Blocks, m: int, n: int) -> IntArray:
    ids = [np.asarray(side) for side in blocks]
    if len(ids) != 2 or [side.shape for side in ids] != [(m,), (n,)]:
        raise BadInput("blocks takes the block of each reference row and the block of each window row, in two lists.")
    left, right = (np.unique(side, return_inverse=True)[1] for side in ids)
    return np.concatenate([left, right + left.max() + 1]).astype(np.int64)
