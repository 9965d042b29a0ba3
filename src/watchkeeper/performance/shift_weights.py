"""Weights that make reference rows stand for the rows of a window, where inputs moved.

Importance weighting as in PAPE (Białek, Nurminen, Kuberski and others, *Estimating model performance under covariate
shift without labels*, arXiv 2401.08348): the density ratio is the odds of a classifier that tells the window's rows
from the reference's, here an additive logistic regression on one cell for each feature. The calibration of scores
learned with these weights is that of rows like the window's; it survives a move of the inputs, and no change of what
they mean. Where few reference rows carry most of the weight nothing is said: their effective number (Kish, 1965) must
reach `LEAST`. Nor is it where the weighted reference still does not look like the window, in any cell of a feature.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import optimize, sparse, special

from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.tallies.tally import FloatArray

LEAST, UNLIKE = 200, 0.1
RIDGE, CLIP = 1.0, 50.0
STEPS = 60


@dataclass(frozen=True, eq=False)
class ShiftWeights:
    """`weight` (n,) of each reference row, mean 1, and how many equal rows they are worth; `fault` says why too few."""

    weight: FloatArray
    effective: float
    fault: str = ""


def shift_weights(reference: pa.Table, window: pa.Table, cells: FeatureCells | None = None) -> ShiftWeights:
    """Weights of the rows of `reference` (n) for those of `window`; both hold the same features."""
    cells = cells or FeatureCells.fit(reference)
    old, new = cells.design(reference), cells.design(window)
    weights = _logistic(old, new)
    ratio = np.minimum(np.exp(np.clip(old @ weights, -30, 30)), CLIP)
    ratio /= ratio.mean()
    effective = float(ratio.sum() ** 2 / (ratio**2).sum())
    apart = float(np.abs(old.T @ ratio / old.shape[0] - np.asarray(new.mean(axis=0)).ravel()).max())
    return ShiftWeights(ratio, effective, _fault(effective, apart))


def _fault(effective: float, apart: float) -> str:
    if effective < LEAST:
        return f"too few reference rows are like this window's: worth {effective:,.0f} rows, {LEAST} are needed"
    if apart > UNLIKE:
        return f"the reference cannot be weighted to look like this window: {apart:.0%} of its rows lie elsewhere"
    return ""


def _logistic(old: sparse.csr_array, new: sparse.csr_array) -> FloatArray:
    """Log density ratio (1 + cells,): both sides weigh the same, so that the odds are the ratio."""
    n_old, n_new = old.shape[0], new.shape[0]
    worth = min(n_old, n_new)

    def cost(weights: FloatArray) -> tuple[float, FloatArray]:
        at_old, at_new = old @ weights, new @ weights
        loss = worth * (np.logaddexp(0, at_old).mean() + np.logaddexp(0, -at_new).mean())
        pull = special.expit(at_old) * (worth / n_old), special.expit(-at_new) * (worth / n_new)
        slope = old.T @ pull[0] - new.T @ pull[1]
        return float(loss + RIDGE / 2 * (weights[1:] ** 2).sum()), slope + RIDGE * np.append(0.0, weights[1:])

    start = np.zeros(old.shape[1])
    found: FloatArray = optimize.minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return found
