"""What the other columns say of a column: the part of its movement that they do not explain.

On cold days temperature, dew point and demand move together, day after day; one of them alone does not. Standardised
deviations z (J,) of ordinary blocks are taken as normal with the covariance

    S = (1 - a) Z'Z / K + a I,    a = `SHRINKAGE`

of K blocks, drawn towards independence because K is below J as a rule (Ledoit and Wolf 2004 choose a; here it is
fixed). A column's statistics given all others have mean and variance in closed form; what is left of them, in units of
that variance's root, is what is returned. Deviations that explain count for at most `MOST`: an outage of one column is
no evidence on another.

With P the inverse of S, the mean of column c given the others is -P_cc^-1 P_co z_o and its variance P_cc^-1. P is never
formed: by Woodbury's identity only K by K and the columns' own small matrices are inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from watchkeeper.tallies.tally import FloatArray, IntArray

SHRINKAGE = 0.3
MOST = 3.0


@dataclass(frozen=True)
class Relations:
    """How J statistics move together: `z` (K, J) of ordinary blocks, bounded; `kernel` (K, K); `owner` (J,) ascends."""

    z: FloatArray
    kernel: FloatArray
    owner: IntArray

    @classmethod
    def fit(cls, z: FloatArray, owner: IntArray) -> Relations:
        """From the deviations (K, J) of the blocks."""
        bounded = np.clip(z, -MOST, MOST)
        ridge = SHRINKAGE / (1 - SHRINKAGE) * len(z)
        kernel = np.linalg.inv(bounded @ bounded.T + ridge * np.eye(len(z))).astype(np.float64)
        return cls(bounded, kernel, owner)

    def unexplained(self, z: FloatArray) -> FloatArray:
        """(W, J) -> (W, J) what the other columns leave of the deviations of each column, standardised."""
        bounded, left = np.clip(z, -MOST, MOST), np.empty_like(z)
        weights = bounded @ self.z.T
        columns = int(self.owner.max()) + 1
        edges = np.searchsorted(self.owner, np.arange(columns + 1))
        for start, end in pairwise(edges):
            mine = slice(start, end)
            own = self.z[:, mine]
            reach = own.T @ self.kernel
            inverse = np.linalg.inv(np.eye(end - start) - reach @ own)
            expected = (weights - bounded[:, mine] @ own.T) @ (inverse @ reach).T
            left[:, mine] = (z[:, mine] - expected) / np.sqrt(SHRINKAGE * np.diag(inverse))
        return left
