"""A model's reference made ready for judging: everything that does not change from window to window, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from watchkeeper.detectors.registry import Evidence
from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.block_null import BlockNull
from watchkeeper.monitors.block_statistics import BlockStatistics, block_statistics
from watchkeeper.monitors.breaks import Ordinary, ordinary_rates
from watchkeeper.monitors.columns import Stack, stacks
from watchkeeper.monitors.history import History
from watchkeeper.monitors.policy import Policy
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

FIXED_FOLDS = 2
_HORIZON = 2


@dataclass(frozen=True)
class Baseline:
    """What judging needs of a reference.

    `statistics` and `stacks` cut evidence out of windows. `fixed` is the null of the K reference blocks, None below 8.
    `starts` (K,) and `blocks` (K, size) are the reference's blocks at the window's own length; `note` says why there
    are none. `ordinary` is, for each stack, what every kind of break does in the reference.
    """

    reference: Reference
    policy: Policy
    statistics: BlockStatistics
    variance: FloatArray
    stacks: tuple[Stack, ...]
    starts: IntArray
    blocks: IntArray
    fixed: BlockNull | None
    ordinary: tuple[Mapping[Evidence, Ordinary], ...]
    note: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The watched columns in the order of every (W, C) array of the statistics."""
        return tuple(column.name for column in self.statistics.columns)

    def history(self, before: int | None = None) -> History:
        """The rolling reference before any window was judged: the last reference blocks.

        `before` is the start of the first window (Unix seconds): blocks older than twice the rolling reference
        by then are not its recent past, and are left out.
        """
        recent = np.ones(len(self.starts), bool)
        if before is not None:
            age = before - self.starts
            recent = (age > 0) & (age <= _HORIZON * self.policy.recent_windows * self.policy.window)
        return History.of(self.statistics, self.blocks[recent][-self.policy.recent_windows :])


def compile_baseline(reference: Reference, policy: Policy) -> Baseline:
    """Make `reference` ready for windows of `policy.window` seconds."""
    whole = reference.whole.counts
    starts, blocks, note = _blocks(reference, policy)
    statistics = block_statistics(reference.binning, whole)
    variance = statistics.variances(whole)
    groups = stacks(reference.binning)
    return Baseline(
        reference=reference,
        policy=policy,
        statistics=statistics,
        variance=variance,
        stacks=groups,
        starts=starts,
        blocks=blocks,
        fixed=_fixed(statistics, variance, blocks, policy),
        ordinary=tuple(ordinary_rates(s, whole, blocks, policy.break_floors, policy.min_n) for s in groups),
        note=note,
    )


def _blocks(reference: Reference, policy: Policy) -> tuple[IntArray, IntArray, str]:
    """Blocks of the window's length, or none and the reason."""
    try:
        starts, blocks = reference.blocks_of(policy.window)
    except BadInput as error:
        return np.zeros(0, np.int64), np.zeros((0, reference.binning.size), np.int64), str(error)
    if not len(starts):
        return starts, blocks, "The reference has no time column, so its rows are taken as exchangeable."
    if len(starts) < policy.min_blocks:
        return starts, blocks, f"The reference has {len(starts)} blocks of time; {policy.min_blocks} are needed."
    return starts, blocks, ""


def _fixed(statistics: BlockStatistics, variance: FloatArray, blocks: IntArray, policy: Policy) -> BlockNull | None:
    if len(blocks) < policy.min_blocks or not len(statistics.columns):
        return None
    rows = statistics.rows(blocks)[:, statistics.owner]
    return BlockNull.fit(statistics.means(blocks), rows, variance, statistics.owner, FIXED_FOLDS)
