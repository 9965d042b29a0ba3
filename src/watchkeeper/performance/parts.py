"""Parts of a window's rows under weights: what a share of them is worth.

A share p = hits / all of weighted rows has the variance ((1 - p)^2 sum of w^2 over hits + p^2 sum of w^2 over the rest)
/ (sum of w)^2 (Hájek's estimator, linearised), which needs the squared weights of hits and rest apart. It is that of
p (1 - p) / variance equal rows: the effective number that Wilson's interval then rests on. With equal weights this is
the number of rows, whatever the weights' unit. Where p is 0 or 1 it is Kish's number of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from watchkeeper.performance.cells import Cells
from watchkeeper.performance.metric import Metric, untold, wilson
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.tallies.tally import IntArray


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows: how many came, their summed weight, and their summed squared weights."""

    rows: float
    weight: float
    squares: float

    def __add__(self, other: Part) -> Part:
        return Part(self.rows + other.rows, self.weight + other.weight, self.squares + other.squares)

    def __sub__(self, other: Part) -> Part:
        return Part(self.rows - other.rows, self.weight - other.weight, self.squares - other.squares)

    @property
    def effective(self) -> float:
        """How many equal rows tell as much (Kish, 1965)."""
        return self.weight**2 / self.squares if self.squares > 0 else 0.0

    def cut(self, weight: float) -> Part:
        """A part of this part that weighs `weight`, taken to be like the rest of it."""
        share = weight / self.weight if self.weight else 0.0
        return Part(self.rows * share, weight, self.squares * share)


def parts_of(cells: Cells, counts: IntArray, name: str) -> list[Part]:
    """The parts that one tally keeps under `name`: runs of weight, rows and squared weights, one after another."""
    weight, rows, square = np.split(cells.part(counts, name), 3)
    return [
        Part(float(n) * WEIGHT_ONE, float(w), float(s)) for n, w, s in zip(rows, weight, square, strict=True)
    ]  # fmt: skip


def share_of(hits: Part, whole: Part, why: str) -> Metric:
    """`hits` as a share of the `whole` they belong to, with Wilson's interval; `why` tells why there is none."""
    if whole.weight <= 0:
        return untold(why)
    value = min(1.0, max(0.0, hits.weight / whole.weight))
    low, high = wilson(value, worth(hits, whole))
    return Metric(value=value, low=low, high=high, n=round(whole.rows))


def worth(hits: Part, whole: Part) -> float:
    """How many equal rows tell as much of the share of `hits` in the `whole`."""
    p, rest = hits.weight / whole.weight, whole - hits
    spread = (1 - p) ** 2 * hits.squares + p**2 * rest.squares
    if not 0 < p < 1 or spread <= 0:
        return whole.effective
    return p * (1 - p) * whole.weight**2 / spread


def worths(hits: Sequence[Part], wholes: Sequence[Part]) -> list[float]:
    """`worth` of each share, those of nothing left out."""
    return [worth(hit, whole) for hit, whole in zip(hits, wholes, strict=True) if whole.weight > 0]
