"""Why did the loss change: did the inputs move, or did their relation to the labels?

Over the cells c of a column (the model's score, or a feature), with shares s and mean losses m of the reference, and s'
and m' now, the change of the mean loss is, exactly,

    sum (s' - s) m        inputs moved: more rows where the model was always worse (covariate shift)
    sum s' (m' - m)       relation changed: worse at the same inputs (concept drift)
    new ground            rows in cells where the reference has no row to compare with

Whether a part is more than ordinary is asked of blocks, never of rows (movement.py): each reference block has the same
parts against the whole reference. Three families of statistics, each over all columns at once with the corrected
p-values of block_null.py, tell the kinds of shift apart:

    shares of cells                  moved: P(x) is another
    loss and classes given the cell  moved: P(y | x) is another
    shares of cells given the class  stayed, while the classes moved: P(x | y) is the same, so it is label shift

A pure label shift changes P(y | x) too, by Bayes; it is told apart by the third family. Concept drift and a move of the
inputs at once are called both. What the given columns do not show (a change of the relation inside their cells that
cancels out) is not seen.

Moreno-Torres and others, *A unifying view on dataset shift in classification*, Pattern Recognition 45 (2012); Lipton,
Wang, Smola, *Detecting and correcting for label shift with black box predictors*, ICML 2018 (arXiv 1802.03916); Cai,
Namkoong, Yadlowsky, *Diagnosing model performance under distribution shift* (arXiv 2303.02011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_POWER
from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.block_null import BlockNull
from watchkeeper.monitors.cell_tallies import CellTallies
from watchkeeper.monitors.movement import Movement
from watchkeeper.monitors.sentences import number
from watchkeeper.tallies.tally import FloatArray

LEAST_BLOCKS = 8
Q = 1 / 30


class Shift(StrEnum):
    """What changed."""

    NONE = "nothing beyond ordinary movement"
    COVARIATE = "the inputs moved"
    LABEL = "the mix of the labels moved"
    CONCEPT = "the relation of inputs and labels changed"
    BOTH = "the inputs moved and their relation to the labels changed"
    UNKNOWN = "not enough data"


@dataclass(frozen=True)
class Part:
    """A part of the change of the mean loss with its 95 % interval.

    `p_value` is against ordinary blocks; `smallest` is the part that would have been seen among them four times in
    five.
    """

    amount: float
    low: float
    high: float
    p_value: float | None
    smallest: float | None


@dataclass(frozen=True)
class ConceptDrift:
    """The change of the mean loss taken apart over the cells of `column`, and which kind of shift it is.

    `change` = `inputs` + `relation` + `new_ground`. `inputs_p`, `relation_p` and `given_label_p` are the smallest
    corrected p-values of the three families, each beside the column that it is from; None where labels are no classes.
    """

    shift: Shift
    column: str
    change: Part
    inputs: Part
    relation: Part
    new_ground: float
    inputs_p: tuple[str, float] | None
    relation_p: tuple[str, float] | None
    given_label_p: tuple[str, float] | None
    n: int
    blocks: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, by the names of the fields."""
        return asdict(self)


def concept_drift(reference: Sequence[CellTallies], window: Sequence[CellTallies], q: float = Q) -> ConceptDrift:
    """Take the change of the mean loss apart.

    `reference` holds K blocks of each column, the one to divide the change by first (best the model's score); `window`
    the same columns, of one block. `q` is the level of each family. Raises BadInput where they do not match.
    """
    _check(reference, window)
    blocks, n = len(reference[0].n) if reference[0].n.any() else 0, int(window[0].n.sum())
    if blocks < LEAST_BLOCKS or not n:
        nothing = Part(0.0, 0.0, 0.0, None, None)
        why = f"{blocks} blocks of labelled rows and {n} labels now; {LEAST_BLOCKS} blocks are needed."
        return ConceptDrift(
            Shift.UNKNOWN, reference[0].name, nothing, nothing, nothing, 0.0, None, None, None, n, blocks, why
        )
    parts = _parts(reference[0], window[0], q)
    families = [_family(reference, window, statistics, q) for statistics in (_shares, _relation, _given_label)]
    labels = _family(reference[:1], window[:1], _labels, q)
    shift = _shift(parts[1:3], [f is not None and f[1] <= q for f in (*families, labels)], q)
    return ConceptDrift(
        shift=shift,
        column=reference[0].name,
        change=parts[0],
        inputs=parts[1],
        relation=parts[2],
        new_ground=parts[0].amount - parts[1].amount - parts[2].amount,
        inputs_p=families[0],
        relation_p=families[1],
        given_label_p=families[2],
        n=n,
        blocks=blocks,
        sentence=_sentence(shift, parts, reference[0], window[0]),
    )


def _check(reference: Sequence[CellTallies], window: Sequence[CellTallies]) -> None:
    names = [tallies.name for tallies in reference]
    if not names or names != [tallies.name for tallies in window]:
        raise BadInput("Reference and window need the same columns in the same order, one at least.")
    for old, new in zip(reference, window, strict=True):
        if old.rows.shape[1:] != new.rows.shape[1:] or len(new.rows) != 1:
            raise BadInput(f"The tallies of {old.name!r} have different cells, or the window is not one block.")


# --- the change taken apart -------------------------------------------------------------------------------------------
def _parts(reference: CellTallies, window: CellTallies, q: float) -> tuple[Part, Part, Part]:
    """The whole change, what moved inputs explain, and what the changed relation does."""
    whole = reference.total()
    old, new = _amounts(whole, reference), _amounts(whole, window)
    known, share = whole.n[0] > 0, whole.n[0] / whole.n.sum()
    mean, square = (part[0] / np.maximum(whole.n[0], 1) for part in (whole.loss, whole.square))
    within = float(share @ (square - mean**2))
    between = float(share[known] @ mean[known] ** 2 - (share @ mean) ** 2)
    variance = np.maximum([within + between, between, within], 1e-12)
    # unit: a loss of one standard deviation, so that what Movement takes as too small to matter is small here too
    unit = float(np.sqrt(variance[0]))
    rows = [np.repeat(t.n.sum(1)[:, None], 3, 1) for t in (reference, window)]
    movement = Movement.fit(old / unit, rows[0], variance / unit**2)
    z = movement.z(new / unit, rows[1])[0]
    error = special.stdtrit(movement.df, 0.975) * movement.sampling_error(rows[1])[0] * unit
    p = 2 * special.stdtr(movement.df, -np.abs(z))
    smallest = (-special.stdtrit(movement.df, q / 2) + Z_POWER) * movement.error(rows[1])[0] * unit
    first, second, third = (
        Part(*row) for row in np.column_stack([new[0], new[0] - error, new[0] + error, p, smallest]).tolist()
    )
    return first, second, third


def _amounts(whole: CellTallies, blocks: CellTallies) -> FloatArray:
    """(K, 3) of every block against the whole reference: change of the mean loss, by inputs, by relation."""
    known = whole.n[0] > 0
    mean = np.where(known, whole.loss[0] / np.maximum(whole.n[0], 1), 0.0)
    level = float(whole.loss.sum() / max(whole.n.sum(), 1))
    rows = np.maximum(blocks.n.sum(1), 1)[:, None]
    share = blocks.n / rows
    change = blocks.loss.sum(1) / rows[:, 0] - level
    inputs = np.where(known, share * (mean - level), 0.0).sum(1)
    relation = np.where(known, blocks.loss / rows - share * mean, 0.0).sum(1)
    return np.column_stack([change, inputs, relation])


# --- three families of statistics -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Ratios:
    """J statistics of K blocks as ratios: sums, sums of squares and rows, all (K, J)."""

    sums: FloatArray
    squares: FloatArray
    rows: FloatArray

    @classmethod
    def counts(cls, counts: FloatArray, rows: FloatArray) -> _Ratios:
        """Shares (K, J) of `rows`, which broadcast."""
        return cls(counts, counts, np.broadcast_to(rows, counts.shape).astype(np.float64))

    @classmethod
    def join(cls, parts: Sequence[_Ratios]) -> _Ratios:
        """Side by side."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts], 1) for name in ("sums", "squares", "rows")))

    @property
    def level(self) -> FloatArray:
        """(J,) over all blocks."""
        return self.sums.sum(0) / np.maximum(self.rows.sum(0), 1)

    @property
    def variance(self) -> FloatArray:
        """(J,) of one row."""
        return np.maximum(self.squares.sum(0) / np.maximum(self.rows.sum(0), 1) - self.level**2, 1e-6)

    def means(self, level: FloatArray) -> FloatArray:
        """(K, J), a block without rows at the level."""
        return np.where(self.rows > 0, self.sums / np.maximum(self.rows, 1), level)


def _shares(tallies: CellTallies, _: float) -> list[_Ratios]:
    return [_Ratios.counts(tallies.n, tallies.n.sum(1, keepdims=True))]


def _relation(tallies: CellTallies, scale: float) -> list[_Ratios]:
    """The loss given the cell in units of `scale`, and each class but the first given the cell."""
    loss = _Ratios(tallies.loss / scale, tallies.square / scale**2, tallies.n)
    classes = tallies.rows[:, :, 1:].astype(np.float64)
    return [loss, *(_Ratios.counts(classes[:, :, y], tallies.n) for y in range(classes.shape[2]))]


def _given_label(tallies: CellTallies, _: float) -> list[_Ratios]:
    """The share of each cell among the rows of a class."""
    rows = tallies.rows.astype(np.float64)
    classes = range(rows.shape[2]) if rows.shape[2] > 1 else ()
    return [_Ratios.counts(rows[:, :, y], rows[:, :, y].sum(1, keepdims=True)) for y in classes]


def _labels(tallies: CellTallies, _: float) -> list[_Ratios]:
    by_class = tallies.rows.sum(1).astype(np.float64)
    return [_Ratios.counts(by_class, by_class.sum(1, keepdims=True))] if by_class.shape[1] > 1 else []


def _family(
    reference: Sequence[CellTallies],
    window: Sequence[CellTallies],
    statistics: Callable[[CellTallies, float], list[_Ratios]],
    q: float,
) -> tuple[str, float] | None:
    """The column that moved most by these statistics, and its p corrected for all columns; None without statistics."""
    scales = [max(float(np.sqrt(t.square.sum() / max(t.n.sum(), 1))), 1e-12) for t in reference]
    old = [statistics(tallies, scale) for tallies, scale in zip(reference, scales, strict=True)]
    if not all(old):
        return None
    new = [statistics(tallies, scale) for tallies, scale in zip(window, scales, strict=True)]
    owner = np.repeat(np.arange(len(old)), [sum(part.sums.shape[1] for part in parts) for parts in old])
    before, now = (_Ratios.join([part for parts in side for part in parts]) for side in (old, new))
    level = before.level
    null = BlockNull.fit(before.means(level), np.maximum(before.rows, 1), before.variance, owner)
    p = null.judge(now.means(level), np.maximum(now.rows, 1), q).p[0]
    return reference[int(p.argmin())].name, float(p.min())


def _shift(parts: Sequence[Part], moved: Sequence[bool], q: float) -> Shift:
    """The kind of shift; `moved` are shares, relation, cells given the class, classes; `parts` inputs and relation."""
    inputs, relation = (sure or _beyond(part, q / 2) for sure, part in zip(moved, parts, strict=False))
    if moved[3] and not moved[2] and (relation or inputs):
        return Shift.LABEL
    if relation:
        return Shift.BOTH if inputs else Shift.CONCEPT
    return Shift.COVARIATE if inputs else Shift.NONE


def _beyond(part: Part, level: float) -> bool:
    return part.p_value is not None and part.p_value <= level


def _sentence(shift: Shift, parts: Sequence[Part], reference: CellTallies, window: CellTallies) -> str:
    before = float(reference.loss.sum() / max(reference.n.sum(), 1))
    now = float(window.loss.sum() / max(window.n.sum(), 1))
    change, inputs, relation = (part.amount for part in parts)
    shares = f"inputs {inputs:+.3g}, relation {relation:+.3g}"
    rest = change - inputs - relation
    new = f", new ground {rest:+.2g}" if abs(rest) > 0.05 * abs(change) else ""
    return f"The mean loss is {number(now)} against {number(before)} ({shares}{new}): {shift}."
