"""Losses by segment and block of time: sums of a few kilobytes, from which any run of blocks is read without the rows.

A segment is the rows with one level of a feature. Sums are of weights, so rows that were drawn for labelling count for
those that were not; how much they tell is their effective number, (sum of weights)^2 / sum of their squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.levels import Levels
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray, IntArray

Segment = tuple[str, str]
"""A feature, and one of its levels."""


@dataclass(frozen=True, eq=False)
class LossRows:
    """n rows with a loss: `loss`, `weight` (how many predictions each stands for), and the `block` of each, from 0.

    `features` map a name to the levels of the n rows.
    """

    loss: FloatArray
    weight: FloatArray
    block: IntArray
    blocks: int
    features: Mapping[str, Levels]

    def __post_init__(self) -> None:
        lengths = {len(self.loss), len(self.weight), len(self.block), *map(len, self.features.values())}
        if len(lengths) > 1:
            raise BadInput(f"Losses, weights, blocks and levels of rows have different lengths: {sorted(lengths)}.")

    def segments(self) -> tuple[Segment, ...]:
        """Every segment, in the order of `Sums.of`."""
        return tuple((name, level) for name, levels in self.features.items() for level in levels.names)

    def inside(self, segment: Segment) -> BoolArray:
        """Which rows (n,) are in a segment."""
        levels = self.features[segment[0]]
        return np.asarray(levels.codes == levels.names.index(segment[1]))

    def only(self, some: BoolArray) -> LossRows:
        """Some of the rows, in the same blocks."""
        features = {name: Levels(levels.names, levels.codes[some]) for name, levels in self.features.items()}
        return LossRows(self.loss[some], self.weight[some], self.block[some], self.blocks, features)


@dataclass(frozen=True, eq=False)
class Sums:
    """(J, B) sums over the rows of J segments in B blocks: of weights, of their squares, of losses and squared losses.

    They add, so the rows of several blocks are sums along the last axis.
    """

    weight: FloatArray
    weight_square: FloatArray
    loss: FloatArray
    loss_square: FloatArray

    @classmethod
    def of(cls, rows: LossRows) -> Sums:
        """Of every segment, in the order of `LossRows.segments`."""
        found = [_by_level(rows, levels) for levels in rows.features.values()]
        return cls(*np.concatenate(found, 1)) if found else cls(*np.zeros((4, 0, rows.blocks)))

    @classmethod
    def whole(cls, rows: LossRows) -> Sums:
        """(1, B) of all rows."""
        return cls(*_by_level(rows, Levels(("",), np.zeros(len(rows.loss), np.int64))))

    def __sub__(self, other: Sums) -> Sums:
        return Sums(*(a - b for a, b in zip(self._parts(), other._parts(), strict=True)))

    def at(self, blocks: IntArray | slice) -> Sums:
        """Of some blocks only."""
        return Sums(*(part[:, blocks] for part in self._parts()))

    def total(self) -> Sums:
        """(J, 1): of all blocks together."""
        return Sums(*(part.sum(1, keepdims=True) for part in self._parts()))

    @property
    def rows(self) -> FloatArray:
        """Effective numbers of rows."""
        return self.weight**2 / np.where(self.weight_square > 0, self.weight_square, 1.0)

    @property
    def mean(self) -> FloatArray:
        """Mean losses; NaN where there are no rows."""
        return self.loss / np.where(self.weight > 0, self.weight, np.nan)

    @property
    def variance(self) -> FloatArray:
        """Variances of one row's loss; NaN where there are no rows."""
        square = self.loss_square / np.where(self.weight > 0, self.weight, np.nan)
        return np.maximum(square - self.mean**2, 0.0)

    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        return self.weight, self.weight_square, self.loss, self.loss_square


def _by_level(rows: LossRows, levels: Levels) -> FloatArray:
    """(4, levels, B)."""
    size, known = len(levels.names) * rows.blocks, levels.codes >= 0
    cell = (levels.codes * rows.blocks + rows.block)[known]
    weight, loss = rows.weight[known], rows.loss[known]
    summed = (weight, weight**2, weight * loss, weight * loss**2)
    return np.array([np.bincount(cell, column, size) for column in summed]).reshape(4, -1, rows.blocks)
