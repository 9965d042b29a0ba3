"""Every test of one batch of windows, run once over all of them.

A test is run when the first column with enough rows asks for it: windows too short to say anything cost nothing.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from watchkeeper.detectors.jensen_shannon import divergence_root
from watchkeeper.detectors.samples import Samples
from watchkeeper.monitors.baseline import Baseline
from watchkeeper.monitors.block_null import BlockJudgement
from watchkeeper.monitors.breaks import Broken, judge_rate
from watchkeeper.monitors.columns import Stack
from watchkeeper.monitors.history import UNKNOWN, History
from watchkeeper.monitors.persistence import Lasting
from watchkeeper.monitors.rolling import Asked, Rolling, judge_fixed, judge_lasting, judge_rolling, recent_unseen
from watchkeeper.monitors.row_null import RowJudgement, RowNull
from watchkeeper.tallies.tally import FloatArray, IntArray


class Sitting:
    """W windows (W, size) against a baseline and what came before; `starts` (W,) are Unix seconds, if known."""

    def __init__(
        self, baseline: Baseline, null: RowNull | None, windows: IntArray, history: History, starts: IntArray | None
    ) -> None:
        self.baseline, self.policy, self.row_null = baseline, baseline.policy, null
        self.windows, self.history = windows, history
        self.rows = baseline.statistics.rows(windows)
        self.distance = dict(_distances(baseline, windows))
        self.asked = Asked(baseline.statistics.means(windows), self.rows[:, baseline.statistics.owner], starts)
        self.since = history.starts[history.live]
        self.starts = np.full(len(windows), UNKNOWN, np.int64) if starts is None else starts

    @cached_property
    def rolling(self) -> Rolling:
        """Against the last ordinary windows."""
        return judge_rolling(self.baseline, self.history, self.asked)

    @cached_property
    def fixed(self) -> BlockJudgement | None:
        """Against the reference's blocks."""
        return judge_fixed(self.baseline, self.asked)

    @cached_property
    def lasting(self) -> list[Lasting]:
        """What stays off the reference."""
        return judge_lasting(self.baseline, self.history, self.asked)

    @cached_property
    def unseen(self) -> FloatArray:
        """(C,) the share of unseen levels that recent windows had at most."""
        return recent_unseen(self.baseline, self.history)

    @cached_property
    def broken(self) -> list[list[Broken]]:
        """The rates of each stack against the worst block of the reference."""
        return [self._judge_breaks(stack, i) for i, stack in enumerate(self.baseline.stacks)]

    @cached_property
    def by_rows(self) -> RowJudgement | None:
        """Against the reference's rows, where it has no blocks; the model's own outputs have a share of their own."""
        null = self.row_null
        return None if null is None else null.judge(self.windows, self.policy.q, min_n=self.policy.min_n)

    def _judge_breaks(self, stack: Stack, place: int) -> list[Broken]:
        return [
            judge_rate(
                stack,
                kind,
                self.windows,
                ordinary,
                floor=self.policy.break_floors[kind.value],
                level=self.policy.break_level,
                min_blocks=self.policy.min_blocks,
            )
            for kind, ordinary in self.baseline.ordinary[place].items()
        ]


def _distances(baseline: Baseline, windows: IntArray) -> list[tuple[str, list[float | None]]]:
    """Each column's Jensen-Shannon distance (W,) from the reference; None where a side has no values."""
    pairs: list[tuple[str, list[float | None]]] = []
    for stack in baseline.stacks:
        values = Samples(stack.value_counts(baseline.reference.whole.counts), stack.value_counts(windows))
        cells = values.folded() if stack.numeric else values
        distance = divergence_root(*cells.shares)
        known = (values.window.sum(-1) > 0) & (values.reference.sum(-1) > 0)
        for c, name in enumerate(stack.names):
            pairs.append((name, [float(d) if k else None for d, k in zip(distance[:, c], known[:, c], strict=True)]))
    return pairs
