"""What is asked of blocks: is a window unlike the last ones, unlike the reference's, and does anything last?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from watchkeeper.detectors.registry import Evidence
from watchkeeper.monitors.baseline import Baseline
from watchkeeper.monitors.block_null import BlockJudgement, BlockNull
from watchkeeper.monitors.history import UNKNOWN, History, Past
from watchkeeper.monitors.movement import BoolArray
from watchkeeper.monitors.persistence import Lasting, lasting
from watchkeeper.monitors.strata import Strata, helpful, labels
from watchkeeper.tallies.tally import FloatArray, IntArray


@dataclass(frozen=True)
class Asked:
    """W windows: their statistics' `means` (W, J) and `rows` (W, J), and `starts` (W,) where they are known."""

    means: FloatArray
    rows: FloatArray
    starts: IntArray | None

    def labels(self, null: BlockNull, width: int) -> IntArray | None:
        """The stratum (W,) of each window, where the null has any."""
        return None if null.strata is None or self.starts is None else labels(self.starts, width)[0]


@dataclass(frozen=True)
class Rolling:
    """The answer against the last `blocks` ordinary windows; which columns (C,) are `known`; the `strata` used."""

    judged: BlockJudgement | None
    known: BoolArray
    blocks: int
    strata: Strata | None = None


def judge_rolling(baseline: Baseline, history: History, asked: Asked) -> Rolling:
    """Against the last K ordinary windows."""
    policy, owner = baseline.policy, baseline.statistics.owner
    if len(history) < policy.min_blocks:
        return Rolling(None, np.zeros(len(baseline.columns), bool), len(history))
    past = history.last(policy.rolling_windows, policy.settles_after, owner, policy.min_blocks)
    if not past.known.any():
        return Rolling(None, past.known, 0)
    strata = None if asked.starts is None else _strata(past, policy.window, owner)
    null = BlockNull.fit(
        past.means, past.rows, baseline.variance, owner, strata=strata, active=past.known, outputs=baseline.outputs
    )
    judged = null.judge(asked.means, asked.rows, policy.q, asked.labels(null, policy.window))
    return Rolling(judged, past.known, len(past.means), strata)


def recent_unseen(baseline: Baseline, history: History) -> FloatArray:
    """(C,) the highest share of unseen levels in the last K ordinary windows; 0 where they are fewer than 8."""
    policy, owner = baseline.policy, baseline.statistics.owner
    ordinary, worst = history.ordinary(policy.settles_after), np.zeros(len(baseline.columns))
    for j, part in enumerate(baseline.statistics.parts):
        recent = history.means[ordinary[:, owner[j]], j][-policy.rolling_windows :]
        if part.detector == Evidence.UNSEEN and len(recent) >= policy.min_blocks:
            worst[owner[j]] = recent.max()
    return worst


def _strata(past: Past, width: int, owner: IntArray) -> Strata | None:
    """Hours or weekdays that help, for columns none of whose windows were left out."""
    if (past.starts == UNKNOWN).any():
        return None
    found = helpful(past.means, past.starts, width, owner)
    if found is None:
        return None
    uses = found.uses & past.aligned[owner]
    return replace(found, uses=uses) if uses.any() else None


def judge_fixed(baseline: Baseline, asked: Asked) -> BlockJudgement | None:
    """Against the reference's own blocks."""
    if baseline.fixed is None:
        return None
    null = baseline.fixed if baseline.by_stratum is None or asked.starts is None else baseline.by_stratum
    return null.judge(asked.means, asked.rows, baseline.policy.q, asked.labels(null, baseline.policy.window))


def judge_lasting(baseline: Baseline, history: History, asked: Asked) -> list[Lasting]:
    """Against the reference, over all live windows that are remembered and each of those asked about."""
    owner = baseline.statistics.owner
    means, rows = history.means[history.live], history.rows[history.live][:, owner]
    return [
        lasting(np.concatenate([means, m[None]]), np.concatenate([rows, n[None]]), baseline.target, owner)
        for m, n in zip(asked.means, asked.rows, strict=True)
    ]
