"""Every test of every column of a stack, and each column's p-value by all of its tests.

A column's level is split among its parts by the registry's weights. A part that could not reach its level, with so few
marked rows in both samples, is set aside and its share goes to the others (detectors/attainable.py). A part counts only
where its effect is shown to exceed its floor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.detectors.attainable import rate_can_reach, unseen_can_reach
from watchkeeper.detectors.multiplicity import harmonic_mean, weighted_bonferroni
from watchkeeper.detectors.registry import CATEGORICAL_WEIGHTS, DETECTORS, NUMERIC_WEIGHTS, Evidence
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Rates
from watchkeeper.monitors.columns import AnyEvidence, Stack
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
FEW = 20
_REACH: Mapping[Evidence, Callable[[Rates, float], BoolArray]] = {
    Evidence.MISSING: rate_can_reach,
    Evidence.INFINITE: rate_can_reach,
    Evidence.WRONG_TYPE: rate_can_reach,
    Evidence.UNSEEN: unseen_can_reach,
}
_ON_VALUES = (Evidence.VALUES, Evidence.SHAPE, Evidence.LEVELS, Evidence.TAIL)


@dataclass(frozen=True)
class ColumnTests:
    """All answers for one stack of columns: `parts` per detector, each (W, C); `weights` of those that decide.

    `shares` (W, C, parts) is what each of these had of its column's level: its weight, and a part of what others left.
    `p` (W, C) is each column's corrected p-value by weighted Bonferroni, 1 where no part passes its floor; `mean` (W,
    C) by the harmonic mean, which goes into the window's. `decisive` (W, C) is the position in `weights` of the part
    that p came from; `values` (W, C) rows with a value, `rows` (W, C) all rows.
    """

    stack: Stack
    parts: Mapping[str, Result]
    weights: Mapping[str, float]
    shares: FloatArray
    p: FloatArray
    mean: FloatArray
    decisive: IntArray
    values: FloatArray
    rows: FloatArray
    reference_rows: FloatArray

    def decisive_part(self, window: int, column: int) -> str:
        """Name of the detector that decided."""
        return tuple(self.weights)[int(self.decisive[window, column])]

    def share(self, name: str, at: tuple[int, int]) -> float:
        """What the detector `name` had of its column's level; 1 where it only describes. `at` is (window, column)."""
        return max(float(self.shares[at][tuple(self.weights).index(name)]), 1e-9) if name in self.weights else 1.0


def judge_stack(
    stack: Stack, reference: IntArray, windows: IntArray, level: float, *, describe: bool = True
) -> ColumnTests:
    """Run every detector on a stack: `reference` (size,) against `windows` (W, size).

    `level` is what one column's p must reach; `describe` adds the detectors that have no weight.
    """
    weights = NUMERIC_WEIGHTS if stack.numeric else CATEGORICAL_WEIGHTS
    evidence = stack.evidence(reference, windows)
    parts = _measure(evidence, weights, level, describe)
    values = stack.value_counts(windows).sum(-1)
    p = np.stack([_decisive_p(parts[name], name, values) for name in weights], -1)
    shares = _shares(evidence, weights, level, p.shape)
    return ColumnTests(
        stack=stack,
        parts=parts,
        weights=weights,
        shares=shares,
        p=weighted_bonferroni(p, shares),
        mean=harmonic_mean(p, shares),
        decisive=(p / np.maximum(shares, 1e-9)).argmin(-1),
        values=values,
        rows=stack.row_counts(windows),
        reference_rows=stack.row_counts(reference),
    )


def _measure(evidence: AnyEvidence, weights: Mapping[str, float], level: float, describe: bool) -> dict[str, Result]:
    parts = {}
    for name, detector in DETECTORS.items():
        on = next((e for e in detector.on if e in evidence), None)
        if on is not None and (describe or name in weights):
            bar = Bar(level=level * weights.get(name, 1.0), floor=detector.floor)
            parts[name] = detector.measure(evidence[on], bar)
    return parts


def _shares(evidence: AnyEvidence, weights: Mapping[str, float], level: float, shape: tuple[int, ...]) -> FloatArray:
    """(W, C, parts) what each part has of its column's level: its weight, those that cannot reach theirs set aside."""
    shares = np.broadcast_to(np.array(list(weights.values())), shape).copy()
    for place, (name, weight) in enumerate(weights.items()):
        reach = _REACH.get(DETECTORS[name].on[0])
        rates = evidence.get(DETECTORS[name].on[0])
        if reach is not None and isinstance(rates, Rates):
            shares[..., place] *= reach(rates, weight * level)
    return shares / shares.sum(-1, keepdims=True)


def _decisive_p(result: Result, name: str, values: FloatArray) -> FloatArray:
    """The gated p of a part; 1 where a distribution is judged by fewer than 20 values."""
    few = (values < FEW) & (DETECTORS[name].on[0] in _ON_VALUES)
    return np.where(few, 1.0, result.gated)
