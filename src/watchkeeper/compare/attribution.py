"""Which features carried the change of the model's output?

The score is described by an additive surrogate, learned on the rows before:

    score = mean + sum over features j of f_j(cell of x_j) + rest

(ridge regression on the cells of all features at once, by backfitting: Breiman and Friedman 1985, Hastie and Tibshirani
1986). Each feature then carries exactly

    contribution_j = sum over cells of (share now - share before) * f_j(cell)

and the contributions add up to the change of the surrogate's mean. What is left is told as `remainder`: interactions,
and anything that changed the score though no feature moved (another model, a feature that is not in the table).

`r2` is the surrogate's share of the score's variance on rows that it was not fitted on: with a low one the shares of
features are not to be trusted, and the note says so. Correlated features share what they carry together, as ridge
divides it. The surrogate speaks of association: it does not say what the score would be had a feature not moved.

Intervals (95 %) hold the sampling of both tables and the error of f; rows count as independent.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.compare.row_cells import cells_of, counted, row_cells
from watchkeeper.detectors.result import Z_CONFIDENCE
from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.monitors.columns import feature_name
from watchkeeper.monitors.sentences import number
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.numbers import as_floats
from watchkeeper.tallies.tally import FloatArray, IntArray

CELLS = 32
RIDGE = 1.0
SWEEPS, CLOSE = 50, 1e-6
LEAST_ROWS, LOW_R2 = 100, 0.5


@dataclass(frozen=True)
class Contribution:
    """What one feature carried of the change, in the unit of the score.

    `share` is of the whole change, None where that is not surely different from 0.
    """

    column: str
    feature: str
    amount: float
    low: float
    high: float
    share: float | None


@dataclass(frozen=True)
class Attribution:
    """The change of the mean score, and who carried it: `contributions`, largest first, and a `remainder`.

    Every number has a 95 % interval `_low` to `_high`. `r2` is the surrogate's, on rows it was not fitted on.
    """

    score: str
    mean_before: float
    mean_now: float
    change: float
    change_low: float
    change_high: float
    contributions: tuple[Contribution, ...]
    remainder: float
    remainder_low: float
    remainder_high: float
    r2: float
    n_before: int
    n_now: int
    sentence: str
    note: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, by the names of the fields."""
        return asdict(self)


@dataclass(frozen=True)
class _Surrogate:
    """`effects[j]` (cells of j,) are f_j, centred on the rows it was fitted on; `noise` the variance of its rest."""

    mean: float
    effects: tuple[FloatArray, ...]
    noise: float

    def predict(self, cells: list[IntArray]) -> FloatArray:
        """(n,) the surrogate's score of rows, from the cells (n,) of each feature."""
        return self.mean + sum((f[c] for f, c in zip(self.effects, cells, strict=True)), np.zeros(len(cells[0])))


def attribute(before: pa.Table, now: pa.Table, reference: Reference, score: str) -> Attribution:
    """Divide the change of the mean of `score` from the rows `before` to the rows `now` among the features.

    Columns are named as in `reference.binning` (`input.distance`, `output.probability`); features are the inputs that
    both tables have, but for the score itself. Rows without a score are left out. Raises BadInput where `score` is no
    column of numbers of both tables, or under 100 rows of either have one.
    """
    columns = [
        name
        for name in reference.binning.columns
        if name.startswith(INPUT) and name != score and name in before.column_names and name in now.column_names
    ]
    (before, old), (now, new) = _scored(before, score), _scored(now, score)
    if not columns:
        raise BadInput("There is no feature to attribute the change to.", hint="Give tables with the model's inputs.")
    cuts = [cells_of(reference, name, CELLS) for name in columns]
    sizes = [cut.count for cut in cuts]
    cells = [row_cells(reference, cut, before) for cut in cuts], [row_cells(reference, cut, now) for cut in cuts]
    surrogate = _fit(cells[0], sizes, old)
    rest = old - surrogate.predict(cells[0]), new - surrogate.predict(cells[1])
    change, error = _difference(old, new)
    sure = abs(change) > error
    carried = [_contribution(name, surrogate, j, cells, change if sure else None) for j, name in enumerate(columns)]
    left, left_error = _difference(*rest)
    carried.sort(key=lambda one: -abs(one.amount))
    r2 = _r2(cells[0], sizes, old)
    return Attribution(
        score=score,
        mean_before=float(old.mean()),
        mean_now=float(new.mean()),
        change=change,
        change_low=change - error,
        change_high=change + error,
        contributions=tuple(carried),
        remainder=left,
        remainder_low=left - left_error,
        remainder_high=left + left_error,
        r2=r2,
        n_before=len(old),
        n_now=len(new),
        sentence=_sentence(score, (old, new), carried, left if sure else None),
        note=_note(r2),
    )


def _scored(table: pa.Table, score: str) -> tuple[pa.Table, FloatArray]:
    """The rows of a table that have a score, and their scores."""
    if score not in table.column_names:
        raise BadInput(f"The table has no column {score!r} for the score.", hint=f"It has {table.column_names[:20]}.")
    values = as_floats(table[score])[0]
    known = np.isfinite(values)
    if known.sum() < LEAST_ROWS:
        raise BadInput(f"{int(known.sum())} rows have a score in {score!r}; {LEAST_ROWS} are needed.")
    return (table if known.all() else table.take(pa.array(np.flatnonzero(known)))), values[known]


def _fit(cells: list[IntArray], sizes: list[int], score: FloatArray) -> _Surrogate:
    """Ridge on the cells of every feature, by backfitting: features in turn, until no effect changes."""
    mean = float(score.mean())
    rest, scale = score - mean, max(float(score.std()), 1e-300)
    rows = [counted(c, size) for c, size in zip(cells, sizes, strict=True)]
    effects = [np.zeros(size) for size in sizes]
    for _ in range(SWEEPS):
        moved = 0.0
        for j, cell in enumerate(cells):
            total = np.bincount(cell, rest, sizes[j]) + rows[j] * effects[j]
            fitted = total / (rows[j] + RIDGE)
            fitted -= fitted @ rows[j] / len(rest)
            moved = max(moved, float(np.abs(fitted - effects[j])[rows[j] > 0].max()))
            rest -= (fitted - effects[j])[cell]
            effects[j] = fitted
        if moved < CLOSE * scale:
            break
    return _Surrogate(mean, tuple(effects), float(rest.var()))


def _r2(cells: list[IntArray], sizes: list[int], score: FloatArray) -> float:
    """Share of variance explained on every second row by the surrogate of the others, and the other way round."""
    even = np.arange(len(score)) % 2 == 0
    wrong = np.empty(len(score))
    for fold in (even, ~even):
        surrogate = _fit([c[~fold] for c in cells], sizes, score[~fold])
        wrong[fold] = score[fold] - surrogate.predict([c[fold] for c in cells])
    variance = float(score.var())
    return max(0.0, 1.0 - float((wrong**2).mean()) / variance) if variance > 0 else 0.0


def _contribution(
    column: str, surrogate: _Surrogate, j: int, cells: tuple[list[IntArray], list[IntArray]], change: float | None
) -> Contribution:
    effect = surrogate.effects[j]
    old, new = (counted(side[j], len(effect)) for side in cells)
    shares = old / old.sum(), new / new.sum()
    gap = shares[1] - shares[0]
    amount = float(gap @ effect)
    sampling = sum(
        float(share @ effect**2 - (share @ effect) ** 2) / rows.sum()
        for share, rows in zip(shares, (old, new), strict=True)
    )
    fitting = float(gap**2 @ (surrogate.noise / (old + RIDGE)))
    error = Z_CONFIDENCE * math.sqrt(max(sampling, 0.0) + fitting)
    share = None if change is None else amount / change
    return Contribution(column, feature_name(column), amount, amount - error, amount + error, share)


def _difference(old: FloatArray, new: FloatArray) -> tuple[float, float]:
    """The difference of means, and half its 95 % interval."""
    error = Z_CONFIDENCE * math.sqrt(float(old.var()) / len(old) + float(new.var()) / len(new))
    return float(new.mean() - old.mean()), error


def _sentence(score: str, sides: tuple[FloatArray, FloatArray], carried: list[Contribution], left: float | None) -> str:
    """What carried the change; `left` is the remainder, None where there is no sure change to divide."""
    old, new = (float(side.mean()) for side in sides)
    levels = f"The mean of `{feature_name(score)}` is {number(new)} against {number(old)}"
    if left is None:
        return f"{levels}: no more than chance."
    change = new - old
    named = [c for c in carried if c.low * c.high > 0][:3]
    parts = [f"`{c.feature}` carries {100 * c.amount / change:.0f} % of the change" for c in named]
    return f"{levels}: {', '.join([*parts, f'{100 * left / change:.0f} % no feature alone explains'])}."


def _note(r2: float) -> str:
    how = f"Sums of single features explain {100 * r2:.0f} % of the score's variance"
    return f"{how}: too little to trust the shares." if r2 < LOW_R2 else f"{how}."
