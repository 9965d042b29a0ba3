"""One window against one reference, rows taken as exchangeable: every part of every column, and all columns together.

One question is asked of the window as a whole: has anything moved at all? Its p-value is the weighted harmonic mean of
all p-values (detectors/multiplicity.py), each counted only where its effect is shown to exceed its floor. The level q
of a window is shared out in fixed parts, chosen by power on splits of the census data other than those the benchmark
judges on:

    the columns                                             0.6
    the model's own score, where there is one               0.2 (Lipton, Wang, Smola 2018)
    small shifts over all columns (detectors/omnibus.py)    0.2, or 0.4 without a score

Columns are named at their own share of q: a column's parts joined by weighted Bonferroni (column_tests.py), columns by
weighted Benjamini-Hochberg. A window whose columns are named has p at or below q anyway. Where it has so and no column
can be named, all columns together have moved.

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

from watchkeeper.detectors.multiplicity import benjamini_hochberg, harmonic_mean, surely
from watchkeeper.detectors.omnibus import FLOOR, LEAST_REFERENCE, LEAST_ROWS, Shifts, shifts
from watchkeeper.detectors.result import GATE, Bar, Result
from watchkeeper.monitors.column_tests import ColumnTests, judge_stack
from watchkeeper.monitors.columns import Stack, stacks, watched
from watchkeeper.monitors.shares import Shares
from watchkeeper.reference.marginal_scores import MarginalScores
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
NO_DEPENDENCE = "How columns depend on each other is not watched here: tallies hold each column alone."
UNLUCKY = "The window has more rows than the reference: an unlucky reference would show in every window."
TOO_SMALL = f"The reference has under {LEAST_REFERENCE:,} rows: small shifts over all columns are not looked for."


@dataclass(frozen=True)
class RowJudgement:
    """W windows judged, C columns, those of the score last.

    `alarm` (W,) whether anything was found, `named` (W, C) which columns, `together` (W,) whether those not named moved
    together.
    `p` (W, C) is each column's corrected p-value, `p_score` (W,) the score's, corrected for its columns. `p_together`
    (W,) is the window's where no column is named, and the omnibus's of the others where some are. The last two are None
    where they are not looked for. `tests` and `shift` hold the effects. `notes` say what no silence here can mean.
    """

    alarm: BoolArray
    named: BoolArray
    together: BoolArray
    p: FloatArray
    p_score: FloatArray | None
    p_together: FloatArray | None
    columns: tuple[str, ...]
    tests: tuple[ColumnTests, ...]
    shift: Result | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RowMeasures:
    """Everything measured of W windows; what is found depends on the level alone.

    `p` (W, C) is each column's; `p_window` (W,) the whole window's, None where columns are not looked at together.
    """

    null: RowNull
    tests: tuple[ColumnTests, ...]
    shifts: Shifts | None
    p: FloatArray
    p_window: FloatArray | None
    few: BoolArray

    def at(self, q: float) -> RowJudgement:
        """What is found at the level `q` of one window."""
        null, own = self.null, self.null.own
        of_columns = benjamini_hochberg(self.p[:, :own], q * null.shares.columns, null.importance)
        of_score = benjamini_hochberg(self.p[:, own:], q * null.shares.score)
        named = np.concatenate([of_columns, of_score], 1)
        shift = self._shift(q, named)
        p_together = self._p_together(shift, named, null.shares.together)
        together = np.zeros(len(self.p), bool) if p_together is None else (p_together <= q) & ~self.few
        return RowJudgement(
            alarm=named.any(1) | together,
            named=named,
            together=together,
            p=self.p,
            p_score=_step_up(self.p[:, own:]) if null.score else None,
            p_together=p_together,
            columns=null.columns,
            tests=self.tests,
            shift=shift,
            notes=null.notes,
        )

    def _p_together(self, shift: Result | None, named: BoolArray, share: float) -> FloatArray | None:
        """(W,) comparable with the level of a window; 1 where there are too few rows."""
        if shift is None or self.p_window is None:
            return None
        others = np.minimum(shift.gated / share, 1.0)
        return np.where(self.few, 1.0, np.where(named.any(1), others, self.p_window))

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

    `own` counts the columns before the score's; `importance` (own,) weighs them; `scores` are those of the omnibus,
    `directions` (k, J) the leading ones of these.
    `by_rows` leaves a share of the level to a test of dependence, for which the caller has the rows.
    """

    reference: Reference
    stacks: tuple[Stack, ...]
    own: int
    score: tuple[str, ...]
    importance: FloatArray | None
    scores: MarginalScores | None
    directions: FloatArray | None = None
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
        scores, directions = _omnibus_scores(reference, chosen)
        return cls(
            reference=reference,
            stacks=(*own, *last),
            own=len(columns),
            score=tuple(name for stack in last for name in stack.names),
            importance=_weights(columns, importance),
            scores=scores,
            directions=directions,
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
        shifted = self._shifts(windows)
        rows = np.concatenate([test.rows for test in tests], 1)
        p, mean = (np.concatenate([getattr(test, which) for test in tests], 1) for which in ("p", "mean"))
        p = np.where(rows >= min_n, p, np.nan)
        whole_p = None if shifted is None else self._window_p(np.where(rows >= min_n, mean, np.nan), shifted, q)
        return RowMeasures(self, tests, shifted, p, whole_p, rows.max(1) < max(min_n, LEAST_ROWS))

    def _window_p(self, columns: FloatArray, shifted: Shifts, q: float) -> FloatArray:
        """(W,) all p-values as one; `columns` (W, C) are those of the columns, NaN where one was not judged."""
        shares, importance = self.shares, np.ones(self.own) if self.importance is None else self.importance
        families = [
            _family(columns[:, : self.own], shares.columns * importance),
            _family(columns[:, self.own :], np.full(len(self.score), shares.score)),
            _omnibus_family(shifted, Bar(level=q * shares.together, floor=FLOOR), shares.together),
        ]
        p, weights = (np.concatenate(both, 1) for both in zip(*families, strict=True))
        return surely(harmonic_mean(p, weights), weights)

    def _shifts(self, windows: IntArray) -> Shifts | None:
        dependence = self.reference.dependence
        if self.scores is None or dependence is None:
            return None
        return shifts(self.scores, dependence, self.reference.whole.counts, windows, self.directions)


def _family(p: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """p-values (W, C) and what each weighs; `weights` (C,) have the mean of the family's share, shared by the known."""
    known = ~np.isnan(p)
    shared = np.where(known, weights, 0.0)
    share = weights.mean() if len(weights) else 0.0
    return np.where(known, p, 1.0), shared * share / np.maximum(shared.sum(1, keepdims=True), 1e-300)


def _omnibus_family(shifted: Shifts, bar: Bar, share: float) -> tuple[FloatArray, FloatArray]:
    """The omnibus's two p-values (W, 2), 1 where its effect is not shown to exceed the floor, and their weights."""
    spread, along = shifted.result(bar), shifted.along(bar)
    p = [spread.p_value] if along is None else [spread.p_value, along]
    gated = np.where(spread.gate <= GATE, p, 1.0).T
    return gated, np.full(gated.shape, share / len(p))


def _omnibus_scores(reference: Reference, chosen: Sequence[str]) -> tuple[MarginalScores | None, FloatArray | None]:
    """Scores of the chosen columns, and the leading directions of these.

    Columns left out, as if they had no rows, make the null wider than it need be.
    """
    learned = reference.dependence
    if learned is None or reference.rows < LEAST_REFERENCE:
        return None, None
    scores = learned.scores(reference.binning, reference.whole.counts)
    kept = [column.name in chosen for column in scores.columns]
    if sum(kept) < 2:
        return None, None
    of_score = np.repeat(kept, [column.scores.shape[1] for column in scores.columns])
    directions = None if learned.leading is None else np.array(learned.leading.directions)[:, of_score]
    return replace(scores, columns=tuple(c for c, so in zip(scores.columns, kept, strict=True) if so)), directions


def _weights(columns: Sequence[str], importance: Mapping[str, float] | None) -> FloatArray | None:
    if not importance:
        return None
    return np.array([importance.get(name.partition(".")[2], 1.0) for name in columns])


def _step_up(p: FloatArray) -> FloatArray:
    """(W, C) -> (W,) the level at which Benjamini and Hochberg would reject any; 1 where none is judged."""
    known = np.where(np.isnan(p), np.inf, p)
    count = np.maximum((~np.isnan(p)).sum(1), 1)[:, None]
    return np.minimum((np.sort(known, 1) * count / np.arange(1, p.shape[1] + 1)).min(1, initial=1.0), 1.0)
