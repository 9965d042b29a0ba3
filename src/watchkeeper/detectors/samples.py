"""The evidence of a test: counts of the reference and of windows, in the same bins.

Shapes. Every array may carry leading axes, and the reference's need only broadcast against the window's: a reference
(C, B) with windows (W, C, B) judges W windows of C columns in one call. Columns with fewer bins are padded with empty
ones, which no test can see. The cost of a test never depends on the number of rows counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS = 12


@dataclass(frozen=True, slots=True)
class Samples:
    """Rows per bin: `window` (..., B) against `reference` (..., B), bins in ascending order where they have one.

    `positions` (..., B) is a value for each bin, for the detectors that need distances in the column's own unit.
    """

    reference: FloatArray
    window: FloatArray
    positions: FloatArray | None = None

    @property
    def n(self) -> FloatArray:
        """(...) rows of the window, at least 1 so that a share of nothing is zero and not an error."""
        return np.maximum(self.window.sum(-1), 1.0)

    @property
    def m(self) -> FloatArray:
        """(...) rows of the reference, at least 1."""
        return np.maximum(self.reference.sum(-1), 1.0)

    @property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """(window, reference) shares of rows per bin."""
        return self.window / self.n[..., None], self.reference / self.m[..., None]

    @property
    def effective_n(self) -> FloatArray:
        """(...) n m / (n + m): the size of one sample that would be as noisy as the two together."""
        return self.n * self.m / (self.n + self.m)

    def pooled(self) -> FloatArray:
        """(..., B) share of each bin among the rows of both."""
        total = self.window + self.reference
        return total / np.maximum(total.sum(-1, keepdims=True), 1.0)

    def folded(self, cells: int = CELLS) -> Samples:
        """Neighbouring bins joined into at most `cells` cells of about equal reference mass; heavy bins stay alone.

        The cell of a bin is decided by the reference alone, so the windows' counts stay a fair test of it.
        """
        share = self.reference / self.m[..., None]
        cell = np.minimum(((np.cumsum(share, -1) - share / 2) * cells).astype(np.int64), cells - 1)
        return Samples(_fold(self.reference, cell, cells), _fold(self.window, cell, cells))


@dataclass(frozen=True, slots=True)
class Rates:
    """Rows of a kind: `hits` of `trials` in the window, `reference_hits` of `reference_trials`; all (...).

    `doubletons` (...) is for unseen levels only: how many levels the reference holds exactly twice.
    """

    hits: FloatArray
    trials: FloatArray
    reference_hits: FloatArray
    reference_trials: FloatArray
    doubletons: FloatArray | float = 0.0

    @property
    def n(self) -> FloatArray:
        """(...) rows of the window, at least 1."""
        return np.maximum(self.trials, 1.0)

    @property
    def m(self) -> FloatArray:
        """(...) rows of the reference, at least 1."""
        return np.maximum(self.reference_trials, 1.0)

    @property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """(window, reference) rates."""
        return self.hits / self.n, self.reference_hits / self.m


def _fold(counts: FloatArray, cell: IntArray, cells: int) -> FloatArray:
    """Sums of `counts` (..., B) by `cell` (..., B), which broadcasts against it: (..., cells)."""
    spread = np.broadcast_to(cell, counts.shape).reshape(-1, counts.shape[-1])
    rows = np.arange(len(spread))[:, None] * cells
    weights = counts.reshape(-1).astype(np.float64)
    folded = np.zeros(len(spread) * cells)
    np.add.at(folded, (spread + rows).reshape(-1), weights)
    return folded.reshape(*counts.shape[:-1], cells)
