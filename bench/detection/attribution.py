"""Who is named: of the columns that moved, how many; and how many innocent ones a window.

The ten changes of the census table whose columns are known; and nine of 100 synthetic columns, changed as much as in
the power cells: eight of numbers (of the four laws that a shift moves as a whole) by 0.3 sd, one of categories by 20 %.
Windows of 1,000 rows. Recall is the mean over changes, so an easy change cannot hide a hard one.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.detection import synthetic
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, measured, rate
from bench.detection.null import CENSUS
from bench.detection.power import CHANGES, PARTS, WINDOWS, found_in, measure, synthetic_reference
from bench.detection.rule import tallied
from bench.detection.setting import Setting, generator
from bench.detection.shifts import KNOWN

SECTION = "Attribution"
SIZE = 1_000
NAMED, INNOCENT = Goal(">=", 0.9), Goal("<=", 0.005)
NUMBERS = tuple(f"number{place}" for place in (0, 1, 2, 3, 5, 6, 7, 8))
(CATEGORY,), MOVE_CATEGORY = CHANGES["category moved 20 %"]


def cells() -> list[Cell]:
    """Census and synthetic."""
    return [
        Cell("attribution.census", SECTION, "census, ten changes", _census, _conclude, parts=(PARTS, 1)),
        Cell(
            "attribution.100 columns",
            SECTION,
            "9 of 100 columns moved",
            _synthetic,
            _conclude,
            parts=(PARTS, 1),
        ),
    ]


def _census(setting: Setting, part: int) -> Counts:
    return {shift.name: measure(CENSUS, shift.name, SIZE, setting, part) for shift in KNOWN}


def _synthetic(setting: Setting, part: int) -> Counts:
    rng = generator("attribution.synthetic", part)
    count = setting.of(WINDOWS, 4)
    reference, null = synthetic_reference(part)
    rows = synthetic.draw(rng, SIZE * count, synthetic.Law(moved=dict.fromkeys(NUMBERS, 0.3)))
    windows = tallied(reference, MOVE_CATEGORY(rows, rng), SIZE)
    return {"nine columns": found_in(null, windows, (*NUMBERS, CATEGORY))}


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    shares, innocent, windows = [], 0, 0
    for name in parts[0]:
        shares.append(sum(part[name]["named"] for part in parts) / sum(part[name]["moved"] for part in parts))
        innocent += sum(part[name]["innocent"] for part in parts)
        windows += sum(part[name]["windows"] for part in parts)
    worst = min(zip(shares, parts[0], strict=True))
    return (
        measured(
            "moved columns named, mean over changes",
            sum(shares) / len(shares),
            windows,
            goal=NAMED,
            note=f"least: {worst[1]}, {worst[0]:.2f}",
        ),
        rate("innocent columns named a window", innocent, windows, goal=INNOCENT),
    )
