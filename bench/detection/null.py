"""False alarms where nothing has changed: rows independent, reference and windows of one law.

A window alarms if the rule alarms for it; a feature-alarm is a column that is named. The goals are the product's
promise at q = 1/720: at most one alarming window in 720, and at most 0.1 feature-alarms per 1,000 feature-windows, at
every window size. Windows of one part share a reference, so there are many references; those for windows of 100,000
rows have 100,000 rows too, the others 20,000 (a window larger than its reference measures the reference's luck, and
the product says so).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from bench.detection import census, synthetic
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, rate, total
from bench.detection.rule import judged, null_of, reference_of, tallied
from bench.detection.setting import Q, Setting, generator
from watchkeeper.events.inference import INPUT
from watchkeeper.monitors.row_null import RowNull
from watchkeeper.tallies.tally import IntArray

SECTION = "False alarms where nothing has changed"
SIZES = (100, 500, 1_000, 5_000, 20_000, 100_000)
REFERENCE, MANY_UP_TO = 20_000, 1_000
SYNTHETIC, CENSUS, SCORED = "100 columns", "census", "census with its model's score"
ROWS_AT_ONCE = 200_000
FEATURE_GOAL, WINDOW_GOAL = Goal("<=", 0.1), Goal("<=", Q)
REFERENCES, FEW_REFERENCES = 22, 11


def cells() -> list[Cell]:
    """Every kind of columns at every size."""
    plain = [_cell(kind, size) for kind in (SYNTHETIC, CENSUS) for size in SIZES]
    return plain + [_cell(SCORED, size) for size in SIZES if size <= REFERENCE]


def plan(kind: str, size: int) -> tuple[int, int]:
    """References, and windows for each: at least 2,200 together, more where they are cheap."""
    if size > REFERENCE:
        return FEW_REFERENCES, 200
    if size > MANY_UP_TO:
        return REFERENCES, 100
    return REFERENCES, 200 if kind == SYNTHETIC else 1_000


def _cell(kind: str, size: int) -> Cell:
    return Cell(
        name=f"null.{kind}.{size}",
        section=SECTION,
        title=f"{kind}, windows of {size:,}",
        measure=partial(_measure, kind, size),
        conclude=_conclude,
        parts=(plan(kind, size)[0], 1),
    )


def _measure(kind: str, size: int, setting: Setting, part: int) -> Counts:
    size = min(size, setting.of(size, 2_000))
    windows = setting.of(plan(kind, size)[1], 4)
    rng = generator(f"null.{kind}.{size}", part)
    rows = synthetic if kind == SYNTHETIC else census.population(setting, score=kind == SCORED)
    reference = reference_of(rows.draw(rng, setting.of(max(REFERENCE, size), 3_000)))
    shares = _shares(windows, max(1, ROWS_AT_ONCE // size))
    found = [tallied(reference, rows.draw(rng, at_once * size), size) for at_once in shares]
    return counted(null_of(reference), np.concatenate(found), Q)


def _shares(windows: int, most: int) -> list[int]:
    return [min(most, windows - first) for first in range(0, windows, most)]


def counted(null: RowNull, windows: IntArray, q: float) -> Counts:
    """Windows, alarming windows, feature-windows and feature-alarms."""
    found = {"windows": 0, "alarms": 0, "features": 0, "named": 0}
    for judgement in judged(null, windows, q):
        found["windows"] += len(judgement.alarm)
        found["alarms"] += int(judgement.alarm.sum())
        features = np.char.startswith(judgement.columns, INPUT)
        found["features"] += judgement.named[:, features].size
        found["named"] += int(judgement.named[:, features].sum())
    return found


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    references = f"{len(parts)} references"
    return (
        rate("alarming windows", sums["alarms"], int(sums["windows"]), goal=WINDOW_GOAL, note=references),
        rate(
            "false feature-alarms per 1,000 feature-windows",
            sums["named"],
            int(sums["features"]),
            of="feature-windows",
            goal=FEATURE_GOAL,
            per=1_000,
            note=references,
        ),
    )
