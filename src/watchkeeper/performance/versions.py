"""Two versions against each other: on the same rows (paired), or over the same weeks (unpaired).

Paired. Of each row, by its true class, was version a right, was b? What both do alike says nothing; the evidence is in
the rows that are *newly wrong* (a right, b wrong) and *newly right*. Under no difference they are equally likely:
McNemar's test (1947) in its exact, mid-p form (Fagerland, Lydersen and Laake, 2013). The difference of accuracies and
recalls has the variance of paired values; so have the differences of losses (absolute error; log loss and Brier score
where both give scores). The difference of ROC areas is DeLong's for correlated curves and needs the rows, not a tally.

Unpaired. Each side's metric has its own interval; their difference takes both (MOVER, Zou and Donner, 2008), which
keeps the skewness of each. Right only where nothing but the version differs: the same weeks, evenly split traffic.

All intervals cover 95 %. Positive differences mean b is larger than a.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
import numpy as np
from scipy import special

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.cells import LIMIT, Cells, Counted, amounts, sum_cells, tally_rows
from watchkeeper.performance.metric import Metric, Z, half_width, joined
from watchkeeper.performance.pairs import BINARY, MULTICLASS, REGRESSION, Pairs
from watchkeeper.performance.row_losses import row_losses
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """b less a of one metric: `value` with its interval, or None and the reason in `note`; `n` rows."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    note: str = ""


class Paired(msgspec.Struct, frozen=True, kw_only=True):
    """Two versions on the same rows. `newly_wrong` and `newly_right` are by true class, None for a regression.

    `p_value` is McNemar's (mid-p) of no difference in the rate of errors.
    """

    rows: int
    differences: dict[str, Difference]
    newly_wrong: dict[str, int] | None = None
    newly_right: dict[str, int] | None = None
    p_value: float | None = None


class PairedLayout:
    """The additive counts of two versions on the same rows: right and wrong by true class, and loss differences.

    `scale` brings a regression's errors near 1 (RegressionLayout's `error.scale`): differences count up to 128 / scale.
    """

    def __init__(self, task: str, classes: tuple[str, ...] = (), scale: float = 1.0) -> None:
        if task not in (BINARY, MULTICLASS, REGRESSION):
            raise BadInput(f"Versions of a {task} model cannot be paired.", hint="Compare them unpaired.")
        self.task, self.classes, self.scale = task, classes, scale
        rows = {f"{loss}_{what}": 1 for loss in LOSSES[task] for what in ("rows", "clipped")}
        self.cells = Cells({"outcome": 4 * len(classes), **sum_cells(*LOSSES[task]), **rows})

    def tally(self, a: Pairs, b: Pairs) -> Tally:
        """The tally of all rows; a and b hold the same rows in the same order. Raises BadInput where they do not."""
        _check_same(a, b)
        cells: list[IntArray] = []
        sums: dict[str, IntArray] = {}
        if self.task != REGRESSION:
            truth = np.asarray(a.truth, np.int64)
            right = [(np.asarray(side.predicted) == truth).astype(np.int64) for side in (a, b)]
            cells.append(self.cells.start("outcome") + 4 * truth + 2 * right[0] + right[1])
        of_a, of_b = row_losses(a), row_losses(b)
        for loss in LOSSES[self.task]:
            if loss not in of_a or loss not in of_b:
                continue
            step = (of_b[loss] - of_a[loss]) * self.scale
            sums |= amounts(step, loss)
            cells.append(np.where(np.abs(step) > LIMIT, self.cells.start(f"{loss}_clipped"), -1))
            cells.append(np.full(len(a), self.cells.start(f"{loss}_rows")))
        return tally_rows(self.cells, Counted(cells, sums), a.weight)

    def compare(self, counts: IntArray) -> Paired:
        """What one tally says."""
        cells = self.cells
        rows, weight = int(cells.rows(counts)), float(cells.weight(counts))
        worth = float(cells.effective(counts)) / weight if weight else 0.0
        differences = {loss: self._loss(counts, loss, worth) for loss in LOSSES[self.task]}
        if self.task == REGRESSION:
            return Paired(rows=rows, differences=differences)
        outcome = cells.part(counts, "outcome").reshape(-1, 2, 2)
        wrong, right = outcome[:, 1, 0], outcome[:, 0, 1]
        accuracy = {"accuracy": _share_difference(outcome.sum(0), worth, "no labelled rows")}
        recalls = {
            f"recall[{name}]": _share_difference(table, worth, f"no label is {name}")
            for name, table in zip(self.classes, outcome, strict=True)
        }
        return Paired(
            rows=rows,
            differences=accuracy | recalls | differences,
            newly_wrong={name: round(float(n)) for name, n in zip(self.classes, wrong, strict=True)},
            newly_right={name: round(float(n)) for name, n in zip(self.classes, right, strict=True)},
            p_value=mcnemar(float(wrong.sum()) * worth, float(right.sum()) * worth) if rows else None,
        )

    def _loss(self, counts: IntArray, loss: str, worth: float) -> Difference:
        of = float(self.cells.part(counts, f"{loss}_rows")[0])
        if not of:
            return Difference(value=None, note="no labelled rows for which both versions give it")
        value = float(self.cells.total(counts, loss)) / of / self.scale
        square = float(self.cells.total_sq(counts, loss)) / of / self.scale**2
        half = half_width(value, square, of * worth)
        clipped = round(float(self.cells.part(counts, f"{loss}_clipped")[0]))
        note = f"rows so far apart that they count as bounds: {clipped:,}" if clipped else ""
        if half is None:
            return Difference(value=value, n=round(of), note=joined(note, "one row has no interval"))
        return Difference(value=value, low=value - half, high=value + half, n=round(of), note=note)


LOSSES = {BINARY: ("log_loss", "brier"), MULTICLASS: ("log_loss", "brier"), REGRESSION: ("mae",)}


def _check_same(a: Pairs, b: Pairs) -> None:
    same = (a.task, a.classes, len(a)) == (b.task, b.classes, len(b))
    if not same or not np.array_equal(np.asarray(a.truth), np.asarray(b.truth)):
        raise BadInput(
            "The two versions were not given the same rows.", hint="Join both on the prediction's row first."
        )


def _share_difference(table: FloatArray, worth: float, why: str) -> Difference:
    """B's share of right rows less a's, from `table` (2, 2): a right, b right. Wald's, with half a row to each cell.

    Agresti and Min (2005): adding 1/2 to each cell makes the simple interval cover in small samples.
    """
    n = float(table.sum())
    if not n:
        return Difference(value=None, note=why)
    value = float(table[0, 1] - table[1, 0]) / n
    m = n * worth + 2
    gain, loss = float(table[0, 1]) * worth + 0.5, float(table[1, 0]) * worth + 0.5
    centre = (gain - loss) / m
    half = Z * math.sqrt(max(gain + loss - (gain - loss) ** 2 / m, 0.0)) / m
    low, high = min(value, centre - half), max(value, centre + half)
    return Difference(value=value, low=max(low, -1.0), high=min(high, 1.0), n=round(n))


def mcnemar(newly_wrong: float, newly_right: float) -> float:
    """Two-sided mid-p of McNemar's test: the exact binomial p, less half the chance of what was seen."""
    n, fewer = newly_wrong + newly_right, min(newly_wrong, newly_right)
    if n <= 0:
        return 1.0
    tail = float(special.betainc(n - fewer, fewer + 1, 0.5))
    seen = math.exp(
        special.gammaln(n + 1) - special.gammaln(fewer + 1) - special.gammaln(n - fewer + 1) - n * math.log(2)
    )
    return min(1.0, 2 * tail - seen)


def paired_auc(a: Pairs, b: Pairs) -> Difference:
    """ROC area of b less that of a on the same rows of a binary model (DeLong and others, 1988, by ranks)."""
    _check_same(a, b)
    if a.scores is None or b.scores is None:
        return Difference(value=None, n=len(a), note="not both versions give scores")
    positive = np.asarray(a.truth) == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if min(m, n) < 2:
        return Difference(value=None, n=len(a), note="fewer than two labels of one class")
    of_positive, of_negative = zip(*(_placements(side, positive) for side in (a.scores, b.scores)), strict=True)
    value = float(of_positive[1].mean() - of_positive[0].mean())
    variance = np.var(of_positive[1] - of_positive[0], ddof=1) / m + np.var(of_negative[1] - of_negative[0], ddof=1) / n
    half = Z * math.sqrt(float(variance))
    return Difference(value=value, low=value - half, high=value + half, n=m + n)


def _placements(
    scores: FloatArray, positive: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[FloatArray, FloatArray]:
    """Of each positive the share of negatives below it, of each negative the share of positives above it; ties half."""
    high, low = scores[positive], scores[~positive]
    return _below(high, low), 1 - _below(low, high)


def _below(values: FloatArray, others: FloatArray) -> FloatArray:
    ordered = np.sort(others)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2 * len(others))


def unpaired(a: Mapping[str, Metric], b: Mapping[str, Metric]) -> dict[str, Difference]:
    """Difference of each metric that both have, from two versions' own rows of the same time."""
    return {name: _mover(a[name], b[name]) for name in a if name in b}


def _mover(a: Metric, b: Metric) -> Difference:
    if a.value is None or b.value is None:
        return Difference(value=None, note=a.note if a.value is None else b.note)
    value, n = b.value - a.value, min(a.n, b.n)
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Difference(value=value, n=n, note="too few rows for an interval")
    low = value - math.hypot(b.value - b.low, a.high - a.value)
    high = value + math.hypot(b.high - b.value, a.value - a.low)
    return Difference(value=value, low=low, high=high, n=n)
