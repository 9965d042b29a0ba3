"""One window against one reference, rows taken as exchangeable: every part of every column, combined (L1).

A column's parts are joined by weighted Bonferroni, each part counted only where its effect is shown to exceed its
floor; columns are joined by weighted Benjamini-Hochberg. On data that comes in time order this null is too narrow (87
to 94 % of ordinary blocks of real streams alarm), so it pages nobody: it judges tables that have no time, and it
measures effects.

Not covered here: small changes everywhere at once (an omnibus over columns), and changes of dependence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.detectors.multiplicity import benjamini_hochberg, weighted_bonferroni
from watchkeeper.detectors.registry import CATEGORICAL_WEIGHTS, DETECTORS, NUMERIC_WEIGHTS, Evidence
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.monitors.columns import AnyEvidence, Stack
from watchkeeper.tallies.tally import FloatArray, IntArray

FEW = 20
_ON_VALUES = (Evidence.VALUES, Evidence.SHAPE, Evidence.LEVELS, Evidence.TAIL)


@dataclass(frozen=True)
class ColumnTests:
    """All answers for one stack of columns: `parts` per detector, each (W, C); `weights` of those that decide.

    `p` (W, C) is each column's corrected p-value, 1 where no part passes its floor; `decisive` (W, C) the position in
    `weights` of the part it came from; `values` (W, C) rows with a value, `rows` (W, C) all rows.
    """

    stack: Stack
    parts: Mapping[str, Result]
    weights: Mapping[str, float]
    p: FloatArray
    decisive: IntArray
    values: FloatArray
    rows: FloatArray
    reference_rows: FloatArray

    def decisive_part(self, window: int, column: int) -> str:
        """Name of the detector that decided."""
        return tuple(self.weights)[int(self.decisive[window, column])]


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
    share = np.array(list(weights.values()))
    return ColumnTests(
        stack=stack,
        parts=parts,
        weights=weights,
        p=weighted_bonferroni(p, share),
        decisive=(p / share).argmin(-1),
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


def _decisive_p(result: Result, name: str, values: FloatArray) -> FloatArray:
    """The gated p of a part; 1 where a distribution is judged by fewer than 20 values."""
    few = (values < FEW) & (DETECTORS[name].on[0] in _ON_VALUES)
    return np.where(few, 1.0, result.gated)


def rejected(
    tests: tuple[ColumnTests, ...], q: float, importance: FloatArray | None = None, min_n: int = 0
) -> npt.NDArray[np.bool_]:
    """(W, columns of all stacks in order) which columns are unlike the reference at false discovery rate q."""
    p = np.concatenate([np.where(test.rows >= min_n, test.p, np.nan) for test in tests], 1)
    return benjamini_hochberg(p, q, importance)
