"""The ordinary size of scores: what makes those of columns with unlike tails comparable.

The logarithm of a score, plus `SMALL` so that scores near 0 do not spread, is standardised by the mean and the sd that
it has over K blocks. The variance is drawn half-way to the mean of all scores: K blocks know little of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.tallies.tally import FloatArray

SMALL = 0.6
OWN = 0.5
_LEAST_VARIANCE = 1e-4
_MOST = 50.0


@dataclass(frozen=True)
class Scale:
    """Of S scores: `mean` and `sd` (S,) of their logarithms."""

    mean: FloatArray
    sd: FloatArray

    @classmethod
    def of(cls, scores: FloatArray) -> Scale:
        """From the scores (K, S) of K blocks."""
        logs = np.log(scores + SMALL)
        return cls(logs.mean(0), _shrunken_sd(logs.var(0, ddof=1)))

    @staticmethod
    def left_out(scores: FloatArray) -> FloatArray:
        """(K, S) the units of the scores, each by the sizes of the other blocks."""
        logs, k = np.log(scores + SMALL), len(scores)
        mean = (logs.sum(0) - logs) / (k - 1)
        square = ((logs**2).sum(0) - logs**2 - (k - 1) * mean**2) / (k - 2)
        return _bounded_exp((logs - mean) / _shrunken_sd(square))

    def units(self, scores: FloatArray) -> FloatArray:
        """(W, S) scores in units of their ordinary size: logarithms of mean 0 and sd 1, raised again."""
        return _bounded_exp((np.log(scores + SMALL) - self.mean) / self.sd)

    def score(self, units: FloatArray) -> FloatArray:
        """(C,) units of the first C scores back to scores."""
        c = len(units)
        return np.maximum(0.0, np.exp(self.mean[:c] + self.sd[:c] * np.log(units)) - SMALL)


def _shrunken_sd(variance: FloatArray) -> FloatArray:
    floored = np.maximum(variance, _LEAST_VARIANCE)
    return np.sqrt(OWN * floored + (1 - OWN) * floored.mean(-1, keepdims=True))


def _bounded_exp(x: FloatArray) -> FloatArray:
    return np.exp(np.clip(x, -_MOST, _MOST))
