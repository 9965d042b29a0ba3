"""Worst cell: the one cell (a level, a value, a twelfth of the range) whose share changed most surely.

Fisher's exact test on every cell, rare ones too, times the number of live cells (Bonferroni). Each cell has a floor
of its own, max(0.001, w sqrt(r (1 - r))), so that a common cell must move more than a rare one before anyone cares.
Effect: the cell's share in the window less its share in the reference. Interval: Newcombe, for that cell.

Sees: one category that grew, one value that a default was set to; what the chi-square over all cells drowns.
Cannot see: many cells that move a little each. Parameters: w = 0.04.
The uncorrected p of a cell is scipy.stats.fisher_exact's to within the doubling of its two sides.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.cells import flat
from watchkeeper.detectors.rate import newcombe, rate_gate
from watchkeeper.detectors.result import GATE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.detectors.tails import fisher_two_sided, smallest_rate
from watchkeeper.tallies.tally import FloatArray, IntArray

_LEAST = 0.001
_WORTH_TESTING = 4.0


def worst_cell(samples: Samples, bar: Bar) -> Result:
    """Change of share in the most surely changed cell, (...); `bar.floor` is w.

    >>> import numpy as np
    >>> result = worst_cell(Samples(np.array([900.0, 90.0, 10.0]), np.array([80.0, 9.0, 11.0])), Bar(floor=0.04))
    >>> f"{result.effect:+.2f}, p {result.p_value:.0e}"
    '+0.10, p 2e-06'
    """
    return _of_cell(samples, worst_cells(samples, bar), bar)


def worst_cells(samples: Samples, bar: Bar) -> IntArray:
    """(...) which cell that is."""
    window, reference, shape = flat(samples)
    p, gate = _cell_tests(window, reference, bar)
    return np.where(gate <= GATE, p, 1.0 + p).argmin(1).reshape(shape)


def _of_cell(samples: Samples, cell: IntArray, bar: Bar) -> Result:
    """The answer for one chosen cell of each row."""
    window, reference, shape = flat(samples)
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    at = (np.arange(len(window)), cell.ravel())
    rates = Rates(window[at], n, reference[at], m)
    live = np.maximum(((window + reference) > 0).sum(1), 2)
    own, floor = rates.shares[1], _floor(rates.shares[1], bar.floor)
    p = np.minimum(1.0, live * fisher_two_sided(rates.hits, rates.reference_hits, n, m))
    low, high = newcombe(rates)
    shown = smallest_rate(own + 0.5 / m, n, bar.level / 2 / float(live.max(initial=2)))
    smallest = np.maximum(shown - own, floor + (Z_GATE + Z_POWER) * np.sqrt(shown * (1 - shown) / n))
    values = (rates.hits, rates.shares[0] - own, low, high, p, rate_gate(rates, floor), np.minimum(smallest, 1.0))
    return Result(*(value.reshape(shape) for value in values))


def _floor(share: FloatArray, w: float) -> FloatArray:
    return np.maximum(_LEAST, w * np.sqrt(share * (1 - share)))


def _cell_tests(window: FloatArray, reference: FloatArray, bar: Bar) -> tuple[FloatArray, FloatArray]:
    """The p-value and gate (rows, J) of each cell; exact only where a rough z says that it can matter, else 1."""
    n, m = np.maximum(window.sum(1), 1.0), np.maximum(reference.sum(1), 1.0)
    share = (window + reference) / (n + m)[:, None]
    gap = window / n[:, None] - reference / m[:, None]
    z2 = gap**2 / np.maximum(share * (1 - share) * (1 / n + 1 / m)[:, None], 1e-300)
    p, gate = np.ones(window.shape), np.ones(window.shape)
    row, cell = np.nonzero(z2 > _WORTH_TESTING)
    if row.size:
        rates = Rates(window[row, cell], n[row], reference[row, cell], m[row])
        p[row, cell] = fisher_two_sided(rates.hits, rates.reference_hits, rates.n, rates.m)
        gate[row, cell] = rate_gate(rates, _floor(rates.shares[1], bar.floor))
    return p, gate
