"""Is the model wrong more often than its ordinary blocks? On labels, block by block (L3).

The unit of evidence is the block, as ever (movement.py): K ordinary blocks say how far a block's mean loss moves by
itself, and every new block becomes a deviation z in units of its prediction error, then a normal score by the t
distribution. Deviations count from beyond a `tolerance`, a relative rise that nobody cares about, and half a standard
error of the ordinary mean (`doubt`): a mean of few blocks that was lucky would be off in every later block.

Lasting harm is found by two sums over blocks and a run, any of which alarms:

    CUSUM              up_t = max(0, up_{t-1} + z_t - k), alarm at h
    Shiryaev-Roberts   R_t = (R_{t-1} + 1) exp(d z_t - d^2 / 2), averaged over rises d, alarm at `run_length`
    run                3 of the last 5 blocks, this one too, beyond `run_level`, each by itself

A block adds at most `most` to the sums, so that none alarms alone, for real blocks have heavy tails; but one that is
unmistakable, beyond `alone`, does. The sums are capped a little above their thresholds, so that an alarm ends soon
after the harm does. One block beyond the policy's `level` by itself is a warning. The same CUSUM downwards tells of an
improvement, which never alarms.

Measured (bench/detection/harm.py; every label, K of 20 or 40; alarms are counted as alerts, which end after two well
blocks). 80 episodes of 8 real streams that the sums were chosen on: all 25 onsets of lasting harm found, half within 2
blocks, nine in ten within 5; 0.55 alarms on 100 ordinary blocks. 68 episodes of the same sources with other features
and blocks: 17 of 17, within 2 and 5; 0.70. On rows instead of blocks such sums alarm at once: errors come in clusters.

A late or corrected label changes a block's mean: judge the series again (`judge_series`), which is free.

Page, Biometrika 41 (1954); Shiryaev, *On optimum methods in quickest detection problems*, Theory of Probability and its
Applications 8 (1963); Pollak, *Optimal detection of a change in distribution*, Annals of Statistics 13 (1985); runs:
Western Electric, *Statistical Quality Control Handbook* (1956).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy import special

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm_words import Sight, Told, note, sentence, times
from watchkeeper.monitors.movement import Movement, tamed
from watchkeeper.monitors.onset import Onset, onset
from watchkeeper.monitors.visibility import Visible, detectable, labels_needed
from watchkeeper.tallies.tally import FloatArray, IntArray

DETECTOR = "cusum"
_MOST = 7.0  # a block's normal score, at most
_CAP, _SUM_CAP = 1.0, 3.0


@dataclass(frozen=True)
class BlockLosses:
    """Mean loss (K,) of blocks in time order, rows with a label (K,) in each, and the variance of one row's loss."""

    mean: FloatArray
    rows: FloatArray
    variance: float

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.rows):
            raise BadInput(f"{len(self.mean)} mean losses do not go with {len(self.rows)} counts of rows.")

    @classmethod
    def of(cls, mean: FloatArray, rows: FloatArray, variance: FloatArray) -> BlockLosses:
        """From each block's own variance (K,) of a row's loss, pooled over rows; NaN where a block cannot say."""
        known = np.isfinite(variance) & (rows > 0)
        pooled = float(np.average(variance[known], weights=rows[known])) if known.any() else 0.0
        return cls(mean, rows, pooled)


@dataclass(frozen=True, kw_only=True)
class HarmPolicy:
    """What counts as harm, and what is called so; `ordinary` says in words when it is as it is in the ordinary blocks.

    `k` and `h` of the CUSUM are in standard deviations of an ordinary block, `rises` of the Shiryaev-Roberts sums too;
    `run_length` is in blocks. `tolerance` is the relative rise that does not count, `doubt` how many standard errors of
    the ordinary mean do not. `most` is what one block adds to the sums, at most; `run` says how many of how many blocks
    must be beyond `run_level`, the chance of an ordinary one. From `alone` on a block adds all of its score. Fewer than
    `min_blocks` ordinary blocks, or `min_n` labels in a block, say nothing. `horizon` blocks is how long a rise may
    take to show in what is said of visibility; `memory` blocks are kept to find the onset.
    """

    feature: str = "error"
    column: str = "performance.error"
    ordinary: str = "ordinarily"
    k: float = 0.5
    h: float = 4.0
    run_length: float = 125.0
    rises: tuple[float, ...] = (1.0, 1.5, 2.0)
    tolerance: float = 0.05
    doubt: float = 0.5
    most: float = 3.0
    alone: float = 5.0
    run: tuple[int, int] = (3, 5)
    run_level: float = 1 / 20
    level: float = 1 / 30
    min_blocks: int = 8
    min_n: int = 10
    horizon: int = 5
    memory: int = 200

    def __post_init__(self) -> None:
        if self.h <= 0 or self.run_length <= 1 or not self.rises or self.tolerance < 0:
            raise BadInput("A harm policy needs h above 0, run_length above 1, rises, and a tolerance of 0 or more.")


@dataclass(frozen=True)
class Block:
    """One block that was judged; `up` and `down` are its normal scores, `at` its start if it was given."""

    mean: float
    rows: float
    up: float
    down: float
    at: int | None


@dataclass(frozen=True)
class HarmState:
    """The sums so far, and the blocks that the onset may lie in. A value: it copies, compares and can be kept."""

    up: float = 0.0
    down: float = 0.0
    sums: tuple[float, ...] = ()
    recent: tuple[Block, ...] = ()


class HarmJudge:
    """Judges blocks of losses of one model version against its ordinary blocks. Holds nothing between calls."""

    def __init__(self, ordinary: BlockLosses, policy: HarmPolicy | None = None) -> None:
        self.policy, self.ordinary = policy or HarmPolicy(), ordinary
        known = np.isfinite(ordinary.mean) & (ordinary.rows > 0)
        self.blocks, self.n = int(known.sum()), int(ordinary.rows[known].sum())
        self.level = float((ordinary.mean[known] / self.blocks).sum()) if self.blocks else 0.0
        self.unit = abs(self.level) or 1.0
        self.movement = self._fit(known) if self.blocks >= self.policy.min_blocks else None
        self._slack = 0.0 if self.movement is None else self._slack_of(self.movement)

    def _fit(self, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Movement:
        """Ordinary movement in units of the ordinary mean, so that it does not matter which loss it is."""
        means, rows = self.ordinary.mean[known, None] / self.unit, self.ordinary.rows[known, None].astype(float)
        variance = np.array([self.ordinary.variance / self.unit / self.unit])
        return Movement.fit(tamed(means, rows, variance, np.zeros(1, np.int64))[0], rows, variance)

    def start(self) -> HarmState:
        """A state that has seen nothing."""
        return HarmState(sums=(0.0,) * len(self.policy.rises))

    def update(self, state: HarmState, mean: float, rows: float, at: int | None = None) -> tuple[HarmState, Finding]:
        """The state and the finding after a block of `rows` labels with mean loss `mean`; `at` is its start."""
        if self.movement is None:
            return state, self._silent(rows, f"{self.blocks} ordinary blocks; {self.policy.min_blocks} are needed.")
        if not self._says(mean, rows):
            return state, self._silent(rows, f"{rows:,.0f} labels in this window; {self.policy.min_n} are needed.")
        state = self.hear(state, mean, rows, at)
        return state, self._finding(self.movement, state)

    def hear(self, state: HarmState, mean: float, rows: float, at: int | None = None) -> HarmState:
        """The state of `update` without its finding, which takes ten times as long."""
        if self.movement is None or not self._says(mean, rows):
            return state
        return self._after(state, Block(mean, rows, *self._scores(self.movement, mean, rows), at))

    def _says(self, mean: float, rows: float) -> bool:
        """Whether a block has enough labels to be heard."""
        return rows >= self.policy.min_n and math.isfinite(mean)

    def _scores(self, movement: Movement, mean: float, rows: float) -> tuple[float, float]:
        """Normal scores of a rise and of a fall, each from beyond what does not count."""
        z, error = self._z(movement, mean, rows)
        slack = self._slack / error
        return _normal(z - slack, float(movement.df[0])), _normal(-z - slack, float(movement.df[0]))

    def _slack_of(self, movement: Movement) -> float:
        """The rise that does not count: the tolerance, and doubt of the ordinary mean."""
        doubt = self.policy.doubt * math.sqrt(float(movement.reference_variance(None)[0, 0]))
        return self.policy.tolerance * abs(float(movement.mean[0, 0])) + doubt

    def _z(self, movement: Movement, mean: float, rows: float) -> tuple[float, float]:
        error = float(movement.error(np.array([[rows]]))[0, 0])
        return (mean / self.unit - float(movement.mean[0, 0])) / error, error

    def _after(self, state: HarmState, block: Block) -> HarmState:
        k, most = self.policy.k, self.policy.h + _CAP
        up, down = self._added(block.up), self._added(block.down)
        sums = (
            min((total + 1) * math.exp(d * up - d * d / 2), _SUM_CAP * self.policy.run_length)
            for d, total in zip(self.policy.rises, state.sums, strict=True)
        )
        return HarmState(
            up=min(most, max(0.0, state.up + up - k)),
            down=min(most, max(0.0, state.down + down - k)),
            sums=tuple(sums),
            recent=(*state.recent, block)[-self.policy.memory :],
        )

    def _added(self, score: float) -> float:
        """What a block's score adds to the sums."""
        return score if score >= self.policy.alone else min(score, self.policy.most)

    def odd_from(self, rows: float) -> float | None:
        """The mean loss from which on a block of `rows` labels is a warning by itself; None with too few blocks."""
        if self.movement is None:
            return None
        error = float(self.movement.error(np.array([[rows]]))[0, 0])
        beyond = float(special.stdtrit(self.movement.df[0], 1 - self.policy.level))
        return self.unit * (float(self.movement.mean[0, 0]) + self._slack + beyond * error)

    # ------------------------------------------------------------ telling
    def _silent(self, rows: float, why: str) -> Finding:
        return self._blank(Verdict.NOT_ENOUGH_DATA, rows, why)

    def _blank(self, verdict: Verdict, rows: float, why: str) -> Finding:
        return Finding(
            feature=self.policy.feature,
            column=self.policy.column,
            detector=DETECTOR,
            statement=Statement.HARM,
            verdict=verdict,
            n=int(rows),
            n_reference=self.n,
            null="blocks",
            blocks=self.blocks,
            note=why,
        )

    def _verdict(self, state: HarmState) -> Verdict:
        summed = state.up >= self.policy.h or sum(state.sums) / len(state.sums) >= self.policy.run_length
        odd = state.recent[-1].up >= -float(special.ndtri(self.policy.level))
        return Verdict.ALARM if summed or self._runs(state) else Verdict.WARN if odd else Verdict.OK

    def _runs(self, state: HarmState) -> bool:
        """Whether enough of the last blocks are beyond the line, the last one too."""
        (enough, blocks), line = self.policy.run, -float(special.ndtri(self.policy.run_level))
        beyond = [block.up >= line for block in state.recent[-blocks:]]
        return beyond[-1] and sum(beyond) >= enough

    def _finding(self, movement: Movement, state: HarmState) -> Finding:
        verdict, last = self._verdict(state), state.recent[-1]
        begun = self._onset(state, verdict)
        told = self._told(movement, state.recent[begun.index :] if begun else (last,))
        rise, z = told.mean - told.ordinary, self._z(movement, last.mean, last.rows)[0]
        sight = self._sight(movement, last.rows)
        return msgspec.structs.replace(
            self._blank(verdict, last.rows, note(told, sight)),
            statistic=state.up,
            effect=rise,
            effect_name=f"rise of the {self.policy.feature}",
            effect_low=rise - told.error,
            effect_high=rise + told.error,
            p_value=float(2 * special.stdtr(movement.df[0], -abs(z))),
            smallest_effect=sight.now.lasting,
            floor=self.policy.tolerance * abs(told.ordinary),
            sentence=sentence(self.policy.feature, told, begun, verdict, self.policy.ordinary),
            **times(begun, [block.at for block in state.recent]),
        )

    def _onset(self, state: HarmState, verdict: Verdict) -> Onset | None:
        """Where the harm began, or the improvement; None where there is neither."""
        if verdict is Verdict.ALARM:
            return onset(np.array([block.up for block in state.recent]), 1)
        if verdict is Verdict.OK and state.down >= self.policy.h:
            return onset(np.array([block.down for block in state.recent]), 1)
        return None

    def _told(self, movement: Movement, blocks: Sequence[Block]) -> Told:
        rows = sum(block.rows for block in blocks)
        mean = sum(block.mean * (block.rows / rows) for block in blocks)
        sampling = float(movement.sampling_error(np.array([[rows]]))[0, 0])
        error = float(special.stdtrit(movement.df[0], 0.975)) * sampling * self.unit
        return Told(mean, float(movement.mean[0, 0]) * self.unit, error, len(blocks))

    def _sight(self, movement: Movement, rows: float) -> Sight:
        needed = labels_needed(float(movement.variance[0]), math.sqrt(float(movement.tau2[0])))
        return Sight(int(rows), self._visible(movement, rows), needed, self._visible(movement, needed))

    def _visible(self, movement: Movement, rows: float) -> Visible:
        error = float(movement.error(np.array([[rows]]))[0, 0]) * self.unit
        return detectable(error, self.policy.horizon, self.policy.k, self.policy.h, self._slack * self.unit)


def judge_series(
    losses: BlockLosses,
    ordinary: BlockLosses,
    policy: HarmPolicy | None = None,
    starts: IntArray | None = None,
    *,
    after: int = 0,
) -> list[Finding]:
    """A finding for every block of `losses` (T,), oldest first; `starts` (T,) are their starts in Unix seconds.

    The first `after` blocks are heard, and nothing is said of them. Nothing is kept, so labels that came late or were
    corrected need no more than to be judged again.
    """
    judge = HarmJudge(ordinary, policy)
    state, findings = judge.start(), []
    for place, (mean, rows) in enumerate(zip(losses.mean.tolist(), losses.rows.tolist(), strict=True)):
        at = None if starts is None else int(starts[place])
        if place < after:
            state = judge.hear(state, mean, rows, at)
            continue
        state, finding = judge.update(state, mean, rows, at)
        findings.append(finding)
    return findings


def _normal(z: float, df: float) -> float:
    """The normal score of a t value."""
    return float(np.clip(-special.ndtri(special.stdtr(df, -z)), -_MOST, _MOST))
