"""Weights that make labelled rows stand for the rows of a window, where inputs moved, from the window's tally alone.

Of all weights under which the rows' margins (the share in each cell of each feature) become the window's, those that
differ least from what the rows weighed before: raking to margins (Deming and Stephan, Annals of Mathematical Statistics
11, 1940), entropy balancing (Hainmueller, Political Analysis 20, 2012). They are exp of a sum of one term for each
feature, found from a convex dual with as many unknowns as cells; a ridge on it lets margins that few rows show be met
less closely. Where few rows carry most of the weight nothing is said: their effective number (Kish, 1965) must reach
`LEAST`. Nor is it where the weighted rows still do not look like the window, in any cell of a feature.

Measured on 1,125 windows of 2,000 rows, tilted by one feature, by two, or by their product (census, electricity,
weather and flights, three models each): accuracy, F1, ROC AUC and log loss were off by 0.0093 on average. Weights from
a logistic regression on the window's rows: 0.0094; without weights: 0.0114. Margins do not hold a product of two
features: where windows were tilted by one, weights took only 0.0012 off an error of 0.0105.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from watchkeeper.tallies.tally import FloatArray

LEAST, UNLIKE = 200, 0.1
RIDGE, CLIP = 1.0, 50.0
STEPS, PRECISION = 30, 1e-3


@dataclass(frozen=True, eq=False)
class ShiftWeights:
    """`weight` (n,) of each row, mean 1, and how many equal rows they are worth; `fault` says why they will not do."""

    weight: FloatArray
    effective: float
    fault: str = ""


class Raking:
    """Rows as a `design` (n, 1 + cells) of ones, and what they weigh before any window is looked at (n,)."""

    def __init__(self, design: sparse.csr_array, base: FloatArray) -> None:
        self._design, self._across, self._base = design, design.T.tocsr(), base / base.sum()
        self.worth = 1.0 / float((self._base**2).sum())

    def weights(self, profile: FloatArray, n: int) -> ShiftWeights:
        """For a window of `n` rows with the mean design `profile` (1 + cells,)."""
        dual = _Dual(self._design, self._across, self._base, profile, RIDGE / max(min(self.worth, n), 1.0))
        more = np.minimum(dual.solved() / self._base, CLIP)
        weight = self._base * more / float((self._base * more).sum())
        apart = float(np.abs(self._across @ weight - profile).max())
        effective = 1.0 / float((weight**2).sum())
        return ShiftWeights(weight * len(weight), effective, _fault(effective, apart))


class _Dual:
    """log sum base exp(design @ terms) - profile @ terms + ridge / 2 |terms|^2: its slope is what margins still lack.

    It is looked at in steps scaled by how much each cell varies from row to row, and minimised by a trust region with
    conjugate gradients (Steihaug, 1983), which needs products with the sparse design only.
    """

    def __init__(
        self, design: sparse.csr_array, across: sparse.csr_array, base: FloatArray, profile: FloatArray, ridge: float
    ) -> None:
        self._design, self._across, self._base, self._profile, self._ridge = design, across, base, profile, ridge
        share = across @ base
        self._step = 1 / np.sqrt(share * (1 - share) + ridge)
        self._at, self._weight = np.full(len(profile), np.nan), base

    def solved(self) -> FloatArray:
        """(n,) weights at the minimum, which sum to 1."""
        start = np.zeros(len(self._profile))
        options = {"maxiter": STEPS, "gtol": PRECISION}
        found = optimize.minimize(
            self._value, start, jac=self._slope, hessp=self._bend, method="trust-ncg", options=options
        )
        return self._tilted(found.x)[0]

    def _tilted(self, scaled: FloatArray) -> tuple[FloatArray, float]:
        """(weights (n,) that sum to 1, the log of what they summed to before)."""
        log = self._design @ (scaled * self._step)
        top = float(log.max())
        weight = self._base * np.exp(log - top)
        total = float(weight.sum())
        return weight / total, top + float(np.log(total))

    def _value(self, scaled: FloatArray) -> float:
        terms = scaled * self._step
        self._at, (self._weight, log_total) = scaled.copy(), self._tilted(scaled)
        return log_total - float(self._profile @ terms) + self._ridge / 2 * float(terms @ terms)

    def _weights(self, scaled: FloatArray) -> FloatArray:
        """Those of the value asked for last, where it is the same point."""
        if not np.array_equal(self._at, scaled):
            self._value(scaled)
        return self._weight

    def _slope(self, scaled: FloatArray) -> FloatArray:
        lacking = self._across @ self._weights(scaled) - self._profile
        slope: FloatArray = (lacking + self._ridge * scaled * self._step) * self._step
        return slope

    def _bend(self, scaled: FloatArray, way: FloatArray) -> FloatArray:
        """The second derivative along a way: the covariance of the design under the weights, and the ridge."""
        weight, terms = self._weights(scaled), way * self._step
        moved = self._design @ terms
        spread = self._across @ (weight * (moved - float((weight * moved).sum())))
        bend: FloatArray = (spread + self._ridge * terms) * self._step
        return bend


def _fault(effective: float, apart: float) -> str:
    if effective < LEAST:
        return f"too few labelled rows are like this window's: worth {effective:,.0f} rows, {LEAST} are needed"
    if apart > UNLIKE:
        return f"no weights make the labelled rows look like this window: {apart:.0%} of its rows lie elsewhere"
    return ""
