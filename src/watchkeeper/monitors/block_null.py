"""Is a window unlike the blocks of time before it? The unit of evidence is the block, never the row (L0).

A statistic of a window is judged by how far ordinary blocks move (movement.py). A column has two scores, each a root
mean square: of its statistics' z, and of what the other columns leave unexplained of them (relations.py). Three
questions share the level q of a window (`SHARES`):

    largest     the largest score of any column: one feature that moved
    together    the root mean square of all columns that do not alarm themselves: a small move everywhere
    outputs     the largest score of the model's own outputs: what it answers counts for more than any one input

Each is compared with the scores of the reference's own blocks, each judged by blocks that did not help to fit it: 4
contiguous folds, and of the other folds only those on one side in time. So a block is judged from as far away as a new
window will be, and from one side, as a new window is judged from its past: on a stream that drifts, a block between its
judges looks more ordinary than the next one will (both sides: up to 0.14 of ordinary windows of four days alarm at a
nominal 0.033, one side: 0.06; leave-one-out: 0.08 to 0.15).

Columns have tails of their own: a column of rare rain would set the border for all others. So before the largest is
taken, each score's logarithm is standardised by the mean and sd that it has over the blocks (the sd drawn half-way to
that of all), a block's own left out (`Scale`). The largest is then taken as normal, with a t prediction. Because it is
the largest of all columns and both scores, the p-value of any one column is corrected for all of them (Westfall and
Young 1993, max-T); being divided by its share, it is corrected for the three questions too.

A column that moves alone leaves those that are explained by it unexplained as well. So only the largest of the
unexplained scores of a window speaks.

Where the blocks are many enough to carry the level themselves, (K + 1) q >= 1, the rank of the score among theirs must
agree: an alarm then rests on no form of the tail.

Measured on development streams (forward in time, q = 1/30): see docs/explanation/calibration.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_POWER
from watchkeeper.monitors.movement import BoolArray, Movement, column_scores
from watchkeeper.monitors.relations import Relations
from watchkeeper.monitors.scales import Scale
from watchkeeper.monitors.strata import Strata
from watchkeeper.tallies.tally import FloatArray, IntArray

FOLDS = 4
SHARES: Mapping[str, float] = {"largest": 0.8, "together": 0.1, "outputs": 0.1}
FEW_COLUMNS = 8
OPTIMISM = 4 / 3
"""How much more often ordinary blocks of real streams reach a tail fitted to those before them than it says."""
_LEAST_LOG_SD = 0.1


@dataclass(frozen=True)
class Tail:
    """K `scores` of ordinary blocks; `mean` and `sd` are those of their logarithms, taken as normal."""

    scores: FloatArray
    mean: float
    sd: float

    @classmethod
    def of(cls, scores: FloatArray) -> Tail:
        """From the scores (K,)."""
        logs = np.log(scores + 1e-9)
        return cls(np.sort(scores), float(logs.mean()), max(float(logs.std(ddof=1)), _LEAST_LOG_SD))

    def p(self, score: FloatArray, q: float) -> FloatArray:
        """Chance that an ordinary window scores as high, to be compared with q."""
        t = (np.log(score + 1e-9) - self.mean) / self._error
        p = np.minimum(OPTIMISM * special.stdtr(len(self.scores) - 1, -t), 1.0)
        if not self._carries(q):
            return p
        above = len(self.scores) - np.searchsorted(self.scores, score)
        return np.maximum(p, (1 + above) / (len(self.scores) + 1))

    def critical(self, q: float) -> float:
        """The score whose p is q."""
        t = -special.stdtrit(len(self.scores) - 1, q / OPTIMISM)
        score = float(np.exp(self.mean + t * self._error))
        if not self._carries(q):
            return score
        return max(score, float(self.scores[len(self.scores) - max(1, int(q * (len(self.scores) + 1)))]))

    @property
    def _error(self) -> float:
        return self.sd * float(np.sqrt(1 + 1 / len(self.scores)))

    def _carries(self, q: float) -> bool:
        return (len(self.scores) + 1) * q >= 1


@dataclass(frozen=True)
class BlockJudgement:
    """W windows against K blocks.

    `p` (W, C) is corrected over columns and scores; `alone` (W, C) says that it is of what the other columns do not
    explain. `part` (W, C) is the statistic that moved most, with its `effect`, its interval `low` to `high`, and the
    `smallest` effect of it that would have been seen by itself. `together` (W,) is the
    score of all columns at once with `p_together`, and `critical` the score that would have alarmed; nan where too few
    columns are left.
    """

    p: FloatArray
    alone: BoolArray
    part: IntArray
    effect: FloatArray
    low: FloatArray
    high: FloatArray
    smallest: FloatArray
    together: FloatArray
    p_together: FloatArray
    critical: FloatArray


@dataclass(frozen=True)
class BlockNull:
    """Ordinary movement of C columns, learned from K blocks in time order; `owner` (J,) says whose a statistic is.

    `scores` (K, C) are those of the blocks themselves, cross-fitted, and `scales` their ordinary sizes: of the columns
    by themselves (C,), then of what others do not explain (C,). `units` (K, 2 C) are both in these sizes. `active` (C,)
    are the columns that are known, `outputs` (C,) those that the model answers. `strata` are those of the blocks, None
    where none helps.
    """

    movement: Movement
    relations: Relations
    owner: IntArray
    scores: FloatArray
    scale: Scale
    units: FloatArray
    active: BoolArray
    outputs: BoolArray
    strata: Strata | None = None

    @classmethod
    def fit(
        cls,
        means: FloatArray,
        rows: FloatArray,
        variance: FloatArray,
        owner: IntArray,
        folds: int = FOLDS,
        *,
        strata: Strata | None = None,
        active: BoolArray | None = None,
        outputs: BoolArray | None = None,
    ) -> BlockNull:
        """From block means (K, J), rows (K, J), one row's variance (J,)."""
        columns = int(owner.max()) + 1
        movement = Movement.fit(means, rows, variance, strata)
        scores = _cross_fitted(means, rows, variance, owner, folds=folds, strata=strata)
        return cls(
            movement=movement,
            relations=Relations.fit(movement.z(means, rows, None if strata is None else strata.labels), owner),
            owner=owner,
            scores=scores[:, :columns],
            scale=Scale.of(scores),
            units=Scale.left_out(scores),
            active=np.ones(columns, bool) if active is None else active,
            outputs=np.zeros(columns, bool) if outputs is None else outputs,
            strata=strata,
        )

    @property
    def blocks(self) -> int:
        """K."""
        return self.movement.blocks

    @property
    def shares(self) -> dict[str, float]:
        """The share of q that each score has: none for the outputs of a model without any, or among few columns."""
        wide = int(self.active.sum()) >= FEW_COLUMNS
        outputs = self._outputs
        has = {
            "largest": True,
            "together": wide,
            "outputs": bool(outputs.any()) and bool((self.active & ~outputs).any()),
        }
        total = sum(SHARES[name] for name, there in has.items() if there)
        return {name: SHARES[name] / total if there else 0.0 for name, there in has.items()}

    @property
    def _outputs(self) -> BoolArray:
        return self.active & self.outputs

    def p(self, units: FloatArray, q: float) -> FloatArray:
        """(W, C) scores in units to p-values, corrected for all columns and for the shares, to be compared with q."""
        shares = self.shares
        p = self._largest(self.active).p(units, q * shares["largest"]) / shares["largest"]
        if shares["outputs"]:
            own = self._largest(self._outputs).p(units, q * shares["outputs"]) / shares["outputs"]
            p = np.where(self._outputs, np.minimum(p, own), p)
        return np.minimum(p, 1.0)

    def critical(self, q: float) -> FloatArray:
        """(C,) the score of each column by itself whose p is q."""
        shares = self.shares
        border = np.full(len(self.active), self._largest(self.active).critical(q * shares["largest"]))
        if shares["outputs"]:
            own = self._largest(self._outputs).critical(q * shares["outputs"])
            border = np.where(self._outputs, np.minimum(border, own), border)
        return self.scale.score(border)

    def judge(self, means: FloatArray, rows: FloatArray, q: float, labels: IntArray | None = None) -> BlockJudgement:
        """Judge windows: means (W, J), rows (W, J), at level q; `labels` (W,) are their strata, where there are any."""
        z = self.movement.z(means, rows, labels)
        unexplained = self.relations.unexplained(z)
        scores = column_scores(z, self.owner)
        p, alone = self._judge_columns(scores, column_scores(unexplained, self.owner), q)
        parts = np.where(alone, self._furthest(unexplained), self._furthest(z))
        effect = np.take_along_axis(means - self.movement.centre(labels), parts, 1)
        error = np.take_along_axis(self.movement.error(rows, labels), parts, 1)
        band = special.stdtrit(self.movement.df[parts], 0.975)
        band = band * np.take_along_axis(self.movement.sampling_error(rows, labels), parts, 1)
        diluted = np.sqrt(np.bincount(self.owner, minlength=len(self.active)))
        together, p_together, critical = self._judge_together(scores, p, q)
        return BlockJudgement(
            p=p,
            alone=alone,
            part=parts,
            effect=effect,
            low=effect - band,
            high=effect + band,
            smallest=(self.critical(q) * diluted + Z_POWER) * error,
            together=together,
            p_together=p_together,
            critical=critical,
        )

    def _judge_columns(self, scores: FloatArray, unexplained: FloatArray, q: float) -> tuple[FloatArray, BoolArray]:
        """The p (W, C) of each column, and where it is of what is unexplained: of the largest of these alone."""
        units = self.scale.units(np.concatenate([scores, unexplained], 1))
        by_itself, left = np.split(units, 2, axis=1)
        p, p_left = self.p(by_itself, q), self.p(left, q)
        largest = np.zeros(p.shape, bool)
        np.put_along_axis(largest, np.where(self.active, left, -np.inf).argmax(1)[:, None], True, 1)
        alone = largest & (p_left < p)
        return np.where(alone, p_left, p), alone

    def _furthest(self, z: FloatArray) -> IntArray:
        """(W, C) the statistic of each column that is furthest off."""
        edges = np.searchsorted(self.owner, np.arange(len(self.active) + 1))
        furthest = [np.abs(z[:, a:b]).argmax(1) + a for a, b in pairwise(edges)]
        return np.stack(furthest, 1).astype(np.int64)

    def _judge_together(self, scores: FloatArray, p: FloatArray, q: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The score (W,) of the columns that do not alarm themselves, its p, and its critical value."""
        answer = np.full((3, len(scores)), np.nan)
        share = self.shares["together"]
        for w, window in enumerate(scores):
            quiet = self.active & (p[w] > q)
            if share and quiet.sum() >= FEW_COLUMNS:
                tail, score = Tail.of(_rms(self.scores[:, quiet])), _rms(window[None, quiet])
                answer[:, w] = score[0], min(1.0, tail.p(score, q * share)[0] / share), tail.critical(q * share)
        return answer[0], answer[1], answer[2]

    def _largest(self, among: BoolArray) -> Tail:
        """The tail of the largest of both scores."""
        return Tail.of(self.units[:, np.tile(among, 2)].max(1) if among.any() else np.ones(len(self.units)))


def _rms(scores: FloatArray) -> FloatArray:
    """(K, C) -> (K,)."""
    return np.sqrt((scores**2).mean(1))


def _cross_fitted(
    means: FloatArray, rows: FloatArray, variance: FloatArray, owner: IntArray, *, folds: int, strata: Strata | None
) -> FloatArray:
    """Both scores (K, 2 C) of every block, judged by all blocks on its longer side: past or future, never both."""
    fold = np.arange(len(means)) * folds // len(means)
    scores = np.empty((len(means), 2 * (int(owner.max()) + 1)))
    for f in np.unique(fold):
        mine, before, after = (np.flatnonzero(side) for side in (fold == f, fold < f, fold > f))
        others = after if len(after) >= len(before) else before
        near, within = (None, None) if strata is None else (strata.at(others), strata.labels[mine])
        learned = Movement.fit(means[others], rows[others], variance, near)
        relations = Relations.fit(learned.z(means[others], rows[others], None if near is None else near.labels), owner)
        z = learned.z(means[mine], rows[mine], within)
        both = column_scores(z, owner), column_scores(relations.unexplained(z), owner)
        scores[mine] = np.concatenate(both, 1)
    return scores
