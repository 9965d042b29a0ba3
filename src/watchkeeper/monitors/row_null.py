"""One window against one reference, rows taken as exchangeable: every part of every column, and all columns together.

A column's parts are joined by weighted Bonferroni, each part counted only where its effect is shown to exceed its
floor; columns are joined by weighted Benjamini-Hochberg. The level q of a window is shared out beforehand:

    the columns                                             1/2
    the model's own score, where there is one               1/4 (Lipton, Wang, Smola 2018)
    small shifts over all columns (detectors/omnibus.py)    1/4, or 1/2 without a score

Where the rows of both sides are at hand, the last share is split with a test of dependence
(detectors/rows/dependence.py). What is not looked for leaves its share to the columns.

On data that comes in time order this null is too narrow (87 to 94 % of ordinary blocks of real streams alarm), so it
pages nobody: it judges tables that have no time, and it measures effects.

Not covered here: changes of dependence with every column as it was; they leave no trace in tallies of single columns.

Lipton, Wang, Smola, *Detecting and correcting for label shift with black box predictors*, ICML 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from watchkeeper.detectors.multiplicity import benjamini_hochberg, weighted_bonferroni
from watchkeeper.detectors.omnibus import FLOOR, LEAST_REFERENCE, LEAST_ROWS, Shifts, shifts
from watchkeeper.detectors.registry import CATEGORICAL_WEIGHTS, DETECTORS, NUMERIC_WEIGHTS, Evidence
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.monitors.columns import AnyEvidence, Stack, stacks, watched
from watchkeeper.monitors.shares import Shares
from watchkeeper.reference.marginal_scores import MarginalScores
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
FEW = 20
NO_DEPENDENCE = "How columns depend on each other is not watched here: tallies hold each column alone."
UNLUCKY = "The window has more rows than the reference: an unlucky reference would show in every window."
TOO_SMALL = f"The reference has under {LEAST_REFERENCE:,} rows: small shifts over all columns are not looked for."
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


@dataclass(frozen=True)
class RowJudgement:
    """W windows judged, C columns, those of the score last.

    `alarm` (W,) whether anything was found, `named` (W, C) which columns, `together` (W,) whether those not named moved
    together.
    `p` (W, C) is each column's corrected p-value, `p_score` (W,) the score's, corrected for its columns, `p_omnibus`
    (W,) that of the columns together; the last two None where they are not looked for. `tests` and `shift` hold the
    effects. `notes` say what no silence here can mean.
    """

    alarm: BoolArray
    named: BoolArray
    together: BoolArray
    p: FloatArray
    p_score: FloatArray | None
    p_omnibus: FloatArray | None
    columns: tuple[str, ...]
    tests: tuple[ColumnTests, ...]
    shift: Result | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RowMeasures:
    """Everything measured of W windows; what is found depends on the level alone."""

    null: RowNull
    tests: tuple[ColumnTests, ...]
    shifts: Shifts | None
    p: FloatArray
    few: BoolArray

    def at(self, q: float) -> RowJudgement:
        """What is found at the level `q` of one window."""
        null, own = self.null, self.null.own
        of_columns = benjamini_hochberg(self.p[:, :own], q * null.shares.columns, null.importance)
        of_score = benjamini_hochberg(self.p[:, own:], q * null.shares.score)
        named = np.concatenate([of_columns, of_score], 1)
        shift = self._shift(q, named)
        p_omnibus = None if shift is None else np.where(self.few, 1.0, shift.gated)
        together = np.zeros(len(self.p), bool) if p_omnibus is None else p_omnibus <= q * null.shares.together
        return RowJudgement(
            alarm=named.any(1) | together,
            named=named,
            together=together,
            p=self.p,
            p_score=_step_up(self.p[:, own:]) if null.score else None,
            p_omnibus=p_omnibus,
            columns=null.columns,
            tests=self.tests,
            shift=shift,
            notes=null.notes,
        )

    def _shift(self, q: float, named: BoolArray) -> Result | None:
        """All columns together, without those that are `named` already: what they explain is said."""
        if self.shifts is None or self.null.scores is None:
            return None
        place, scored = {name: i for i, name in enumerate(self.null.columns)}, self.null.scores.columns
        left = ~named[:, [place[column.name] for column in scored]]
        left &= left.sum(1, keepdims=True) > 1  # one column is not together with anything
        used = left.repeat([column.scores.shape[1] for column in scored], 1)
        return self.shifts.result(Bar(level=q * self.null.shares.together, floor=FLOOR), used)


@dataclass(frozen=True)
class RowNull:
    """What judging rows as exchangeable needs of a reference. `stacks` holds the columns, those of the score last.

    `own` counts the columns before the score's; `importance` (own,) weighs them; `scores` are those of the omnibus.
    `by_rows` leaves a share of the level to a test of dependence, for which the caller has the rows.
    """

    reference: Reference
    stacks: tuple[Stack, ...]
    own: int
    score: tuple[str, ...]
    importance: FloatArray | None
    scores: MarginalScores | None
    by_rows: bool = False

    @classmethod
    def fit(
        cls,
        reference: Reference,
        names: Sequence[str] | None = None,
        score: str | Sequence[str] | None = None,
        importance: Mapping[str, float] | None = None,
        *,
        by_rows: bool = False,
    ) -> RowNull:
        """Judge the columns `names` (`input.x`; default: every watched one), `score` among them with its own share.

        `importance` weighs features by name (1 is ordinary). The omnibus is off where the reference does not know how
        its columns move together, or has under 1,000 rows.
        """
        chosen = tuple(watched(reference.binning) if names is None else names)
        scored = (score,) if isinstance(score, str) else tuple(score or ())
        own = stacks(reference.binning, [name for name in chosen if name not in scored])
        last = stacks(reference.binning, [name for name in chosen if name in scored])
        columns = [name for stack in own for name in stack.names]
        return cls(
            reference=reference,
            stacks=(*own, *last),
            own=len(columns),
            score=tuple(name for stack in last for name in stack.names),
            importance=_weights(columns, importance),
            scores=_omnibus_scores(reference, chosen),
            by_rows=by_rows,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the order of every (W, C) array."""
        return tuple(name for stack in self.stacks for name in stack.names)

    @property
    def shares(self) -> Shares:
        """How the level is shared out."""
        return Shares.of(score=bool(self.score), together=self.scores is not None, dependence=self.by_rows)

    def level(self, stack: Stack, q: float) -> float:
        """What one column's p must reach in `stack`, at the level `q` of a window."""
        if stack.names[0] in self.score:
            return q * self.shares.score / len(self.score)
        return q * self.shares.columns / self.own

    @property
    def notes(self) -> tuple[str, ...]:
        """What a silence cannot mean."""
        small = self.reference.dependence is not None and self.reference.rows < LEAST_REFERENCE
        return tuple(note for note, so in ((NO_DEPENDENCE, not self.by_rows), (TOO_SMALL, small)) if so)

    def judge(self, windows: IntArray, q: float, *, min_n: int = 0) -> RowJudgement:
        """Judge `windows` (W, size) at the level `q` of one window; columns of fewer than `min_n` rows are left out."""
        return self.measure(windows, q, min_n=min_n, describe=False).at(q)

    def measure(self, windows: IntArray, q: float, *, min_n: int = 0, describe: bool = True) -> RowMeasures:
        """Run every test once; `q` sets the smallest effect each could show, `describe` adds what never decides."""
        whole = self.reference.whole.counts
        tests = tuple(
            judge_stack(stack, whole, windows, self.level(stack, q), describe=describe) for stack in self.stacks
        )
        p = [np.where(test.rows >= min_n, test.p, np.nan) for test in tests]
        rows = np.concatenate([test.rows for test in tests], 1).max(1)
        return RowMeasures(self, tests, self._shifts(windows), np.concatenate(p, 1), rows < max(min_n, LEAST_ROWS))

    def _shifts(self, windows: IntArray) -> Shifts | None:
        dependence = self.reference.dependence
        if self.scores is None or dependence is None:
            return None
        return shifts(self.scores, dependence, self.reference.whole.counts, windows)


def _omnibus_scores(reference: Reference, chosen: Sequence[str]) -> MarginalScores | None:
    """Scores of the chosen columns; columns left out, as if they had no rows, make the null wider than it need be."""
    if reference.dependence is None or reference.rows < LEAST_REFERENCE:
        return None
    scores = reference.dependence.scores(reference.binning, reference.whole.counts)
    kept = tuple(column for column in scores.columns if column.name in chosen)
    return replace(scores, columns=kept) if len(kept) > 1 else None


def _weights(columns: Sequence[str], importance: Mapping[str, float] | None) -> FloatArray | None:
    if not importance:
        return None
    return np.array([importance.get(name.partition(".")[2], 1.0) for name in columns])


def _step_up(p: FloatArray) -> FloatArray:
    """(W, C) -> (W,) the level at which Benjamini and Hochberg would reject any; 1 where none is judged."""
    known = np.where(np.isnan(p), np.inf, p)
    count = np.maximum((~np.isnan(p)).sum(1), 1)[:, None]
    return np.minimum((np.sort(known, 1) * count / np.arange(1, p.shape[1] + 1)).min(1, initial=1.0), 1.0)
