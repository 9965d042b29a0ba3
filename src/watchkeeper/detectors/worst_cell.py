"""Worst cell: the one cell (a level, a value, a twelfth of the range) whose share changed most surely.

Fisher's exact test on every cell, rare ones too, both sides, joined by weighted Bonferroni. A cell's weight is its
variance r (1 - r), r its share of both samples together: rows that go to one place by mistake (a default, a wrong code)
show in a rare cell however little weight it has, and in a common one they are hard to see. Three quarters of a cell's
weight are for a rise, for a fault gives a cell rows of all others. The weights depend on the margins alone, which
Fisher's test takes as given, so they cost nothing in exactness. Each cell has a floor of its own, max(0.001, w sqrt(r
(1 - r))), so that a common cell must move more than a rare one before anyone cares.
Effect: the cell's share in the window less its share in the reference. Interval: Newcombe, for that cell.

Sees: one category that grew, one value that a default was set to; what the chi-square over all cells drowns.
Cannot see: many cells that move a little each. Parameters: w = 0.04.
The uncorrected p of a side is scipy.stats.fisher_exact's.

Genovese, Roeder, Wasserman, *False discovery control with p-value weighting*, Biometrika 93 (2006).
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.cells import flat
from watchkeeper.detectors.rate import newcombe, rate_gate
from watchkeeper.detectors.result import GATE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.detectors.tails import fisher_tail, smallest_rate
from watchkeeper.tallies.tally import FloatArray, IntArray

_LEAST = 0.001
_LITTLE = 1e-12
_RISE = 0.75
_WORTH_TESTING = 4.0


def worst_cell(samples: Samples, bar: Bar) -> Result:
    """Change of share in the most surely changed cell, (...); `bar.floor` is w.

    >>> import numpy as np
    >>> result = worst_cell(Samples(np.array([900.0, 90.0, 10.0]), np.array([80.0, 9.0, 11.0])), Bar(floor=0.04))
    >>> f"{result.effect:+.2f}, p {result.p_value:.0e}"
    '+0.10, p 5e-06'
    """
    window, reference, shape = flat(samples)
    weights = _weights(window, reference)
    result = _of_cell(window, reference, weights, _worst(window, reference, weights, bar), bar)
    return Result(*(value.reshape(shape) for value in result))


def worst_cells(samples: Samples, bar: Bar) -> IntArray:
    """(...) which cell that is."""
    window, reference, shape = flat(samples)
    return _worst(window, reference, _weights(window, reference), bar).reshape(shape)


def _of_cell(
    window: FloatArray, reference: FloatArray, weights: FloatArray, cell: IntArray, bar: Bar
) -> tuple[FloatArray, ...]:
    """The fields of the answer (rows,) for one chosen cell of each row."""
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    at = (np.arange(len(window)), cell)
    rates = Rates(window[at], n, reference[at], m)
    weight = weights[at]
    own, floor = rates.shares[1], _floor(rates.shares[1], bar.floor)
    low, high = newcombe(rates)
    shown = _smallest(own + 0.5 / m, n, bar.level * _RISE * weight)
    smallest = np.maximum(shown - own, floor + (Z_GATE + Z_POWER) * np.sqrt(shown * (1 - shown) / n))
    effect, p = rates.shares[0] - own, _weighted_p(rates, weight)
    return rates.hits, effect, low, high, p, rate_gate(rates, floor), np.minimum(smallest, 1.0)


def _smallest(rate: FloatArray, n: FloatArray, level: FloatArray) -> FloatArray:
    """The smallest rate that shows at `level` (rows,), rounded down to a power of 2: few levels, few searches."""
    rounded, shown = 2.0 ** np.floor(np.log2(level)), np.empty_like(rate)
    for one in np.unique(rounded):
        mine = rounded == one
        shown[mine] = smallest_rate(rate[mine], n[mine], float(one))
    return shown


def _weights(window: FloatArray, reference: FloatArray) -> FloatArray:
    """(rows, J) what each cell has of the level, adding up to 1; a little even where one cell is all there is."""
    total = window + reference
    share = total / np.maximum(total.sum(1, keepdims=True), 1.0)
    variance = share * (1 - share)
    weights: FloatArray = np.maximum(variance / np.maximum(variance.sum(1, keepdims=True), 1e-300), _LITTLE)
    return weights


def _weighted_p(rates: Rates, weight: FloatArray) -> FloatArray:
    """The exact tail of the side that the share moved to, over that side's part of the weight; at most 1."""
    window, reference = rates.shares
    up = window >= reference
    hits, before = np.where(up, rates.hits, rates.n - rates.hits), rates.reference_hits
    tail = fisher_tail(hits, np.where(up, before, rates.m - before), rates.n, rates.m)
    return np.minimum(1.0, tail / (weight * np.where(up, _RISE, 1 - _RISE)))


def _floor(share: FloatArray, w: float) -> FloatArray:
    return np.maximum(_LEAST, w * np.sqrt(share * (1 - share)))


def _worst(window: FloatArray, reference: FloatArray, weights: FloatArray, bar: Bar) -> IntArray:
    """(rows,) the cell of the smallest weighted p among those over their floor, else among all.

    The tails are computed only for cells that a rough z says can matter.
    """
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    share = (window + reference) / (n + m)[:, None]
    gap = window / n[:, None] - reference / m[:, None]
    z2 = gap**2 / np.maximum(share * (1 - share) * (1 / n + 1 / m)[:, None], 1e-300)
    rank = np.full(window.shape, 3.0)
    row, cell = np.nonzero(z2 > _WORTH_TESTING)
    if row.size:
        rates = Rates(window[row, cell], n[row], reference[row, cell], m[row])
        p = _weighted_p(rates, weights[row, cell])
        gate = rate_gate(rates, _floor(rates.shares[1], bar.floor))
        rank[row, cell] = np.where(gate <= GATE, p, 1.0 + p)
    worst: IntArray = np.where((rank == 3.0).all(1), z2.argmax(1), rank.argmin(1))
    return worst
