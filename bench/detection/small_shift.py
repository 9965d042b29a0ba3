"""A change too small to matter, in windows so large that it is certain: 0.02 sd in all 100 columns, 100,000 rows.

The floors are there to keep silent about it. References have 100,000 rows too. The larger shifts beside it show that
silence is not deafness.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bench.detection import synthetic
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, rate, total
from bench.detection.null import counted
from bench.detection.rule import null_of, reference_of, tallied
from bench.detection.setting import Q, Setting, generator

SECTION = "A harmless shift in 100,000 rows"
ROWS = 100_000
REFERENCES, WINDOWS = 5, 8
HARMLESS = 0.02
SHIFTS = (HARMLESS, 0.05, 0.1)


def cells() -> list[Cell]:
    """The harmless shift, and two that are not."""
    return [
        Cell(
            name=f"small_shift.{shift}",
            section=SECTION,
            title=f"all 100 columns moved by {shift} sd",
            measure=partial(_measure, shift),
            conclude=partial(_conclude, Goal("<=", 0.0) if shift == HARMLESS else None),
            parts=(REFERENCES, 1),
        )
        for shift in SHIFTS
    ]


def _measure(shift: float, setting: Setting, part: int) -> Counts:
    rng = generator(f"small_shift.{shift}", part)
    rows = setting.of(ROWS, 2_000)
    reference = reference_of(synthetic.draw(rng, rows))
    null = null_of(reference)
    sums = []
    for _ in range(setting.of(WINDOWS, 1)):
        window = tallied(reference, synthetic.draw(rng, rows, synthetic.Law(shift)), rows)
        sums.append(counted(null, window, Q))
    return total(sums)


def _conclude(goal: Goal | None, parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    return (
        rate("alarming windows", sums["alarms"], int(sums["windows"]), goal=goal),
        rate("columns named", sums["named"], int(sums["features"]), of="feature-windows", goal=goal),
    )
