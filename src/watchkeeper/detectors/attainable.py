"""Tests that cannot reject: with so few marked rows, even the most extreme dealing of them is not rare enough.

An exact test of a rate takes the marked rows of both samples together as given. With k of them its p-value is never
below the chance that all k fall into the smaller sample, and with none it is 1. A test that cannot reach its level is
silent whatever happens, so its share of the level may be given to others. As this is decided by the margins, which
every exact test takes as given, the level of the whole holds exactly (Tarone 1990).

For unseen levels the margin is the number of rare levels in both samples, in the words of Good and Turing.

Tarone, *A modified Bonferroni method for discrete data*, Biometrics 46 (1990).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from watchkeeper.detectors.samples import Rates
from watchkeeper.detectors.tails import fisher_tail
from watchkeeper.detectors.unseen import deflated
from watchkeeper.tallies.tally import FloatArray

BoolArray = npt.NDArray[np.bool_]

_ENOUGH = 60


def rate_can_reach(rates: Rates, level: float) -> BoolArray:
    """(...) whether Fisher's exact test, two-sided by doubling, can give a p-value of `level`."""
    marked, n, m = np.broadcast_arrays(rates.hits + rates.reference_hits, rates.n, rates.m)
    can = np.array(marked > 0)
    few = can & (marked < _ENOUGH)
    can[few] = 2 * _all_in_the_smaller(marked[few], n[few], m[few]) <= level
    return can


def unseen_can_reach(rates: Rates, level: float) -> BoolArray:
    """(...) whether the test of unseen levels can give a p-value of `level`."""
    hits, singletons = deflated(rates)
    rare, n, m = np.broadcast_arrays(hits + singletons, rates.n, rates.m)
    can = np.array(rare > 0)
    few = can & (rare < _ENOUGH)
    can[few] = fisher_tail(rare[few], np.ones(int(few.sum())), n[few], m[few]) <= level
    return can


def _all_in_the_smaller(marked: FloatArray, n: FloatArray, m: FloatArray) -> FloatArray:
    """Chance that all `marked` rows of n + m fall into the smaller sample; 0 where they do not fit into it."""
    smaller, both = np.minimum(n, m), n + m
    fits = marked <= smaller
    left = np.where(fits, smaller - marked, 0.0)
    log = special.gammaln(smaller + 1) - special.gammaln(left + 1)
    log += special.gammaln(both - marked + 1) - special.gammaln(both + 1)
    return np.where(fits, np.exp(log), 0.0)
