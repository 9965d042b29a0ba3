"""A shift that stays, too small for one window: how many windows until it is told (L2), on raw data.

Windows of rows drawn from the laws of `synthetic`, tallied and summed up by the product's own statistics and its
e-detector over the windows it remembers. References have 10,000 rows. A delay is counted in windows from the first one
that is moved; the bar is the one for 100 columns and a mean of 720 windows to the first false alarm of any. Normal
columns are moved; 12 of them with a reference of their own are 12 trials.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from bench.detection import synthetic
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, measured, rate, total
from bench.detection.rule import reference_of, tallied
from bench.detection.setting import Setting, generator
from watchkeeper.monitors.block_statistics import BlockStatistics, block_statistics
from watchkeeper.monitors.persistence import Target, lasting
from watchkeeper.monitors.policy import Policy
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import FloatArray, IntArray

SECTION = "A small shift that stays"
NORMAL = tuple(name for place, name in enumerate(synthetic.COLUMNS[: synthetic.NUMBERS]) if place % 5 == 0)
REFERENCE, LONGEST = 10_000, 70
RUN_LENGTH = 720
BAR = len(synthetic.COLUMNS) * RUN_LENGTH
PARTS, QUIET = 20, 4
GOALS = {(0.1, 1_000): Goal("<=", 15), (0.2, 1_000): None, (0.2, 200): None}
EVERY = 8


def cells() -> list[Cell]:
    """Delays, then runs without a change."""
    delays = [
        Cell(
            name=f"persistent.{shift}.{size}",
            section=SECTION,
            title=f"{shift} sd, windows of {size:,}",
            measure=partial(_delays, shift, size),
            conclude=partial(_conclude, goal),
            parts=(PARTS, 1),
        )
        for (shift, size), goal in GOALS.items()
    ]
    quiet = Cell("persistent.none", SECTION, "no shift, windows of 1,000", _quiet, _conclude_quiet, parts=(QUIET, 1))
    return [*delays, quiet]


class Watch:
    """The statistics of one reference, and what it takes for a column to be told."""

    def __init__(self, reference: Reference) -> None:
        whole = reference.whole.counts
        self.reference = reference
        self.statistics: BlockStatistics = block_statistics(reference.binning, whole)
        rows = self.statistics.rows(whole[None])[0, self.statistics.owner]
        variance = self.statistics.variances(whole)
        self.target = Target.of_rows(self.statistics.means(whole[None])[0], rows.astype(float), variance)

    def told(self, windows: IntArray) -> np.ndarray:
        """(C,) which columns are told after `windows` (T, size)."""
        rows: FloatArray = self.statistics.rows(windows)[:, self.statistics.owner].astype(float)
        found = lasting(self.statistics.means(windows), rows, self.target, self.statistics.owner)
        told: np.ndarray = found.statistic >= BAR
        return told


def _delays(shift: float, size: int, setting: Setting, part: int) -> Counts:
    rng = generator(f"persistent.{shift}.{size}", part)
    watch = Watch(reference_of(synthetic.draw(rng, REFERENCE, columns=NORMAL)))
    longest = setting.of(LONGEST, 10)
    rows = synthetic.draw(rng, size * longest, synthetic.Law(shift), NORMAL)
    windows = tallied(watch.reference, rows, size)
    delays: list[int | None] = [None] * len(NORMAL)
    for count in range(1, longest + 1):
        for column in np.flatnonzero(watch.told(windows[:count])):
            delays[column] = delays[column] or count
    return {"delays": delays}


def _conclude(goal: Goal | None, parts: Sequence[Counts]) -> tuple[Figure, ...]:
    delays = np.array([math.inf if d is None else float(d) for part in parts for d in part["delays"]])
    ninetieth = float(np.quantile(delays, 0.9, method="nearest"))
    return (
        measured(
            "median delay in windows",
            float(np.median(delays)),
            len(delays),
            of="columns",
            goal=goal,
            note=f"{len(parts)} references; nine in ten within {ninetieth:.0f}",
        ),
        rate(f"told within {LONGEST} windows", float(np.isfinite(delays).sum()), len(delays), of="columns"),
    )


def _quiet(setting: Setting, part: int) -> Counts:
    rng = generator("persistent.none", part)
    watch = Watch(reference_of(synthetic.draw(rng, REFERENCE)))
    length, memory = setting.of(RUN_LENGTH, 20), Policy().memory
    windows = np.concatenate([tallied(watch.reference, _window_rows(rng), 1_000) for _ in range(length)])
    told = np.zeros(len(synthetic.COLUMNS), bool)
    for end in range(EVERY, length + 1, EVERY):
        told |= watch.told(windows[max(0, end - memory) : end])
    return {"columns": len(told), "told": int(told.sum()), "runs": 1, "alarmed": int(told.any())}


def _window_rows(rng: np.random.Generator) -> pa.Table:
    return synthetic.draw(rng, 1_000)


def _conclude_quiet(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    note = f"runs of {RUN_LENGTH} windows; {sums['alarmed']:.0f} of {sums['runs']:.0f} runs had any"
    return (rate("columns told in 720 windows", sums["told"], int(sums["columns"]), of="columns", note=note),)
