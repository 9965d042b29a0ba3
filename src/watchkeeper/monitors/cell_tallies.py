"""Labelled rows by the cell of one column: the additive counts that concept drift is seen in.

A column here is a feature or the model's own score, cut into a few cells (about ten) by whoever tallies. Counts by cell
and class of the label, with sums of the loss, add over blocks like every tally, so the counts of a window, or of the
whole reference, are sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray, IntArray


@dataclass(frozen=True)
class CellTallies:
    """K blocks (or one window) of one column's labelled rows.

    `rows` (K, C, Y) by cell and class of the label; Y is 1 where labels are no classes. `loss` and `square` (K, C) are
    sums of the loss and of its square.
    """

    name: str
    rows: IntArray
    loss: FloatArray
    square: FloatArray

    def __post_init__(self) -> None:
        if self.rows.ndim != 3 or self.loss.shape != self.rows.shape[:2] or self.square.shape != self.loss.shape:
            raise BadInput(f"Tallies of {self.name!r} do not fit together: rows (K, C, Y), loss and square (K, C).")

    @classmethod
    def of(
        cls,
        name: str,
        at: tuple[IntArray, IntArray | None],
        loss: FloatArray,
        bounds: IntArray,
        *,
        cells: int,
        classes: int = 1,
    ) -> CellTallies:
        """From n rows in time order: `at` is the cell (n,) of each and the class (n,) of its label, None without.

        `loss` (n,) is theirs; rows bounds[k]:bounds[k+1] are block k. Cells lie below `cells`, classes below `classes`.
        """
        cell, label = at
        of_label = np.zeros(len(cell), np.int64) if label is None else label
        if not (_within(cell, cells) and _within(of_label, classes)):
            raise BadInput(f"A row of {name!r} is in a cell or class beyond {cells} cells and {classes} classes.")
        blocks = len(bounds) - 1
        block = np.repeat(np.arange(blocks), np.diff(bounds))
        place = block * cells + cell
        rows = np.bincount(place * classes + of_label, minlength=blocks * cells * classes)
        loss_sum, square = (np.bincount(place, loss**power, blocks * cells).astype(np.float64) for power in (1, 2))
        shape = blocks, cells
        return cls(name, rows.reshape(*shape, classes), loss_sum.reshape(shape), square.reshape(shape))

    @property
    def n(self) -> FloatArray:
        """(K, C) rows by cell."""
        return self.rows.sum(2).astype(np.float64)

    def total(self) -> CellTallies:
        """All blocks together, as one."""
        return CellTallies(self.name, *(part.sum(0, keepdims=True) for part in (self.rows, self.loss, self.square)))


def _within(numbers: IntArray, size: int) -> bool:
    return bool(numbers.min(initial=0) >= 0 and numbers.max(initial=0) < size)
