"""A model's reference made ready for judging: everything that does not change from window to window, computed once.

The null is refitted for the window's own length: the reference's buckets add up to blocks of it, for free. Where they
give too few blocks, shorter ones stand in, their movement not shrunk: longer windows move less, so that errs on the
quiet side. Windows shorter than the buckets have no blocks at all, for a null carried over to a shorter length alarms
on most ordinary windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from watchkeeper.detectors.registry import Evidence
from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.block_null import BlockNull
from watchkeeper.monitors.block_statistics import BlockStatistics, block_statistics
from watchkeeper.monitors.breaks import Ordinary, ordinary_rates
from watchkeeper.monitors.columns import OUTPUT, Stack, feature_name, stacks
from watchkeeper.monitors.half_check import HalfCheck, half_check
from watchkeeper.monitors.history import History
from watchkeeper.monitors.movement import BoolArray, tamed
from watchkeeper.monitors.persistence import Target
from watchkeeper.monitors.policy import DAY, Policy
from watchkeeper.monitors.strata import Strata, helpful
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

FIXED_FOLDS = 2
_HORIZON = 2
_TOLD = 3


@dataclass(frozen=True)
class Blocks:
    """The reference cut into K blocks: `starts` (K,), `counts` (K, size), and what must be said of them."""

    starts: IntArray
    counts: IntArray
    note: str = ""


@dataclass(frozen=True)
class Baseline:
    """What judging needs of a reference.

    `statistics` and `stacks` cut evidence out of windows. `fixed` is the null of the K reference blocks, None below 8;
    `by_stratum` the same with means by the hour or the weekday, None where they do not help. `starts` (K,), `blocks`
    (K, size) and `means` (K, J) are those blocks, outages tamed (movement.py); `note` says why there are none, `notes`
    what else must be known. `check` is the half-sample check. `target` is what columns are held against over many
    windows. `ordinary` is, for each stack, what every kind of break does in the reference.
    """

    reference: Reference
    policy: Policy
    statistics: BlockStatistics
    variance: FloatArray
    outputs: BoolArray
    stacks: tuple[Stack, ...]
    starts: IntArray
    blocks: IntArray
    means: FloatArray
    fixed: BlockNull | None
    by_stratum: BlockNull | None
    check: HalfCheck | None
    target: Target
    ordinary: tuple[Mapping[Evidence, Ordinary], ...]
    note: str
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The watched columns in the order of every (W, C) array of the statistics."""
        return tuple(column.name for column in self.statistics.columns)

    def history(self, before: int | None = None) -> History:
        """The rolling reference before any window was judged: the last reference blocks.

        `before` is the start of the first window (Unix seconds): blocks older than twice the rolling reference
        by then are not its recent past, and are left out.
        """
        kept, width = self.policy.rolling_windows, self.policy.window
        recent = np.ones(len(self.starts), bool)
        if before is not None:
            age = before - self.starts
            recent = (age > 0) & (age <= _HORIZON * kept * width)
        last = np.flatnonzero(recent)[-kept:]
        rows = self.statistics.rows(self.blocks[last])
        return History(
            means=self.means[last],
            rows=rows,
            flagged=np.zeros(rows.shape, bool),
            starts=self.starts[last],
            live=np.zeros(len(last), bool),
        )


def compile_baseline(reference: Reference, policy: Policy) -> Baseline:
    """Make `reference` ready for windows of `policy.window` seconds."""
    whole = reference.whole.counts
    blocks = _blocks(reference, policy)
    statistics = block_statistics(reference.binning, whole)
    variance = statistics.variances(whole)
    outputs = np.array([column.name.startswith(OUTPUT) for column in statistics.columns], bool)
    means, rows = statistics.means(blocks.counts), statistics.rows(blocks.counts)[:, statistics.owner]
    fixed = by_stratum = check = None
    notes: tuple[str, ...] = (blocks.note,) if blocks.note else ()
    if len(means) >= policy.min_blocks and len(statistics.columns):
        means, unlike = tamed(means, rows, variance, statistics.owner)
        strata = helpful(means, blocks.starts, policy.window, statistics.owner)
        fixed = BlockNull.fit(means, rows, variance, statistics.owner, FIXED_FOLDS, outputs=outputs)
        by_stratum = _by_stratum(fixed, means, rows, variance, strata)
        check = half_check(means, rows, variance, statistics.owner, policy=policy, strata=strata, outputs=outputs)
        notes += (*_unlike_notes(unlike, blocks.starts, statistics), *_strata_notes(strata, statistics))
        notes += (check.sentence,) if check is not None and check.failed else ()
    target = _target(fixed, statistics, variance, whole)
    groups = stacks(reference.binning)
    return Baseline(
        reference=reference,
        policy=policy,
        statistics=statistics,
        variance=variance,
        outputs=outputs,
        stacks=groups,
        starts=blocks.starts,
        blocks=blocks.counts,
        means=means,
        fixed=fixed,
        by_stratum=by_stratum,
        check=check,
        target=target,
        ordinary=tuple(ordinary_rates(s, whole, blocks.counts, policy.break_floors, policy.min_n) for s in groups),
        note=blocks.note,
        notes=notes,
    )


def _blocks(reference: Reference, policy: Policy) -> Blocks:
    """Blocks of the window's length, or shorter ones in their place, or none and the reason."""
    none = Blocks(np.zeros(0, np.int64), np.zeros((0, reference.binning.size), np.int64))
    try:
        starts, counts = reference.blocks_of(policy.window)
    except BadInput as error:
        return Blocks(none.starts, none.counts, str(error))
    if not len(starts):
        return Blocks(starts, counts, "The reference has no time column, so its rows are taken as exchangeable.")
    if len(starts) >= policy.min_blocks:
        return Blocks(starts, counts)
    width = stand_in(reference, policy.window, policy.min_blocks, 0)
    if width is None:
        return Blocks(
            starts, counts, f"The reference has {len(starts)} blocks of time; {policy.min_blocks} are needed."
        )
    starts, counts = reference.blocks_of(width)
    return Blocks(
        starts,
        counts,
        f"The reference has too few blocks as long as the window; {len(starts)} blocks of {width / DAY:.3g} days stand "
        "in for them, which errs on the quiet side.",
    )


def stand_in(reference: Reference, width: int, least: int, rows: int) -> int | None:
    """The longest whole number of buckets below `width` that gives `least` blocks, `rows` rows each on average.

    None if there is no such length.
    """
    bucket = reference.block_width or 1
    span = reference.block_starts[-1] - reference.block_starts[0] + bucket if reference.block_starts else 0
    for buckets in range(min(max(1, span // least // bucket), (width - 1) // bucket), 0, -1):
        if enough_blocks(reference, buckets * bucket, least, rows):
            return buckets * bucket
    return None


def enough_blocks(reference: Reference, width: int, least: int, rows: int) -> bool:
    """Whether the reference has `least` blocks of `width` seconds with `rows` rows each on average."""
    blocks = len(reference.blocks_of(width)[0])
    return blocks >= least and reference.rows >= rows * blocks


def _by_stratum(
    fixed: BlockNull, means: FloatArray, rows: FloatArray, variance: FloatArray, strata: Strata | None
) -> BlockNull | None:
    if strata is None:
        return None
    return BlockNull.fit(means, rows, variance, fixed.owner, FIXED_FOLDS, outputs=fixed.outputs, strata=strata)


def _target(fixed: BlockNull | None, statistics: BlockStatistics, variance: FloatArray, whole: IntArray) -> Target:
    if fixed is not None:
        return Target.of_blocks(fixed.movement)
    rows = statistics.rows(whole[None])[:, statistics.owner]
    return Target.of_rows(statistics.means(whole[None])[0], rows[0], variance)


def _unlike_notes(unlike: BoolArray, starts: IntArray, statistics: BlockStatistics) -> list[str]:
    """The blocks of the reference that stand out, a few by name."""
    places = np.flatnonzero(unlike.any(1))
    notes = []
    for place in places[:_TOLD]:
        names = [f"`{feature_name(statistics.columns[c].name)}`" for c in np.flatnonzero(unlike[place])[:_TOLD]]
        when = datetime.fromtimestamp(int(starts[place]), UTC)
        notes.append(
            f"The reference's block of {when:%Y-%m-%d %H:%M} UTC is unlike the others in {', '.join(names)}; "
            "it counts for less."
        )
    more = len(places) - _TOLD
    return [*notes, f"So are {more} more of its blocks."] if more > 0 else notes


def _strata_notes(strata: Strata | None, statistics: BlockStatistics) -> list[str]:
    if strata is None:
        return []
    used = np.unique(statistics.owner[strata.uses])
    names = ", ".join(f"`{feature_name(statistics.columns[c].name)}`" for c in used[:_TOLD])
    more = f" and {len(used) - _TOLD} more" if len(used) > _TOLD else ""
    return [f"Held against the same {strata.kind} of the reference, where that predicts better: {names}{more}."]
