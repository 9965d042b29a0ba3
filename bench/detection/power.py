"""What is found: the share of windows that alarm after a change, at the level q = 1/720 of a whole window.

On the census table (4 cuts of it, each with its own reference of 20,000 rows and its own model) and on 100 synthetic
columns (4 references of 20,000 rows). Every window also says which columns were named: the ones that moved, and the
innocent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.detection import census, synthetic
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, rate, total
from bench.detection.null import CENSUS, SCORED, SYNTHETIC
from bench.detection.rule import judged, null_of, reference_of, tallied
from bench.detection.setting import Q, Setting, generator
from bench.detection.shifts import LABEL, SHIFTS, Shift
from watchkeeper.events.inference import INPUT
from watchkeeper.monitors.row_null import RowNull
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import IntArray

SECTION = "Power at 1 alarm in 720 windows"
SIZES = (100, 500, 1_000, 5_000)
PARTS, WINDOWS, FEW_WINDOWS = 4, 100, 25
CENSUS_GOALS = {
    ("one column .3 sd", 500): 0.9,
    ("10 % missing", 100): 0.9,
    ("category moved 20 %", 500): 0.9,
    ("category moved 5 %", 1_000): 0.35,
    ("label shift .24 to .40", 500): 0.85,
    ("label shift .24 to .40", 1_000): 0.98,
}
SCORE_GOALS = {(LABEL.name, 500): 0.9, (LABEL.name, 1_000): 0.98}

Edit = Callable[[pa.Table, np.random.Generator], pa.Table]


def cells() -> list[Cell]:
    """Census, census with a score, synthetic."""
    found = [_cell(CENSUS, name, size, CENSUS_GOALS) for name in SHIFTS for size in SIZES]
    found += [_cell(SCORED, LABEL.name, size, SCORE_GOALS) for size in SIZES]
    return found + [_cell(SYNTHETIC, name, size, CENSUS_GOALS) for name in CHANGES for size in SIZES]


def _cell(kind: str, name: str, size: int, goals: dict[tuple[str, int], float]) -> Cell:
    goal = goals.get((name, size))
    return Cell(
        name=f"power.{kind}.{name}.{size}",
        section=SECTION,
        title=f"{name}, {kind}, windows of {size:,}",
        measure=partial(measure, kind, name, size),
        conclude=partial(_conclude, None if goal is None else Goal(">=", goal)),
        parts=(PARTS, 1),
    )


def measure(kind: str, name: str, size: int, setting: Setting, part: int) -> Counts:
    """One reference's windows: how many, how many alarm, moved columns there and named, innocent columns named."""
    count = setting.of(FEW_WINDOWS if size > 1_000 else WINDOWS, 4)
    if kind == SYNTHETIC:
        rng = generator(f"power.{kind}.{name}.{size}", part)
        moved, edit = CHANGES[name]
        reference, null = synthetic_reference(part)
        windows = tallied(reference, edit(synthetic.draw(rng, size * count, _law(name)), rng), size)
        return found_in(null, windows, moved)
    return _census(SHIFTS[name], (size, count), setting, part, score=kind != CENSUS)


def _census(shift: Shift, sizes: tuple[int, int], setting: Setting, part: int, *, score: bool) -> Counts:
    size, count = sizes
    cut = census.split(setting, part)
    reference, null = _census_reference(setting, part, score)
    rows = shift.windows(cut.pool, size, count, generator(f"power.{shift.name}.{size}", part))
    return found_in(null, tallied(reference, cut.table(rows, score=score), size), shift.moved)


@lru_cache(maxsize=8)
def _census_reference(setting: Setting, part: int, score: bool) -> tuple[Reference, RowNull]:
    cut = census.split(setting, part)
    reference = reference_of(cut.table(cut.reference, score=score))
    return reference, null_of(reference)


@lru_cache(maxsize=4)
def synthetic_reference(part: int) -> tuple[Reference, RowNull]:
    reference = reference_of(synthetic.draw(generator("power.reference", part), census.REFERENCE))
    return reference, null_of(reference)


def found_in(null: RowNull, windows: IntArray, moved: Sequence[str]) -> Counts:
    """Counts of one batch of windows whose `moved` columns (features) have changed."""
    found = {"windows": len(windows), "alarms": 0, "moved": len(moved) * len(windows), "named": 0, "innocent": 0}
    for judgement in judged(null, windows, Q):
        mine = np.isin(judgement.columns, [INPUT + name for name in moved])
        others = np.char.startswith(judgement.columns, INPUT) & ~mine
        found["alarms"] += int(judgement.alarm.sum())
        found["named"] += int(judgement.named[:, mine].sum())
        found["innocent"] += int(judgement.named[:, others].sum())
    return found


def _conclude(goal: Goal | None, parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    return (rate("power", sums["alarms"], int(sums["windows"]), goal=goal, note=f"{len(parts)} references"),)


# --- changes of synthetic columns -------------------------------------------------------------------------------------
def _as_drawn(rows: pa.Table, _: np.random.Generator) -> pa.Table:
    return rows


def _moved_category(share: float) -> Edit:
    def edit(rows: pa.Table, rng: np.random.Generator) -> pa.Table:
        column = rows["level4"].combine_chunks()
        column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
        codes = column.indices.to_numpy().copy()
        codes[rng.random(len(codes)) < share] = 1
        return _with(rows, "level4", pa.DictionaryArray.from_arrays(pa.array(codes), column.dictionary))

    return edit


def _missing(rows: pa.Table, rng: np.random.Generator) -> pa.Table:
    gone = pa.array(rng.random(rows.num_rows) < 0.1)
    for name in ("number0", "level4"):
        column = rows[name]
        rows = _with(rows, name, pc.if_else(gone, pa.scalar(None, column.type), column))
    return rows


def _with(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)


def _law(name: str) -> synthetic.Law:
    shift = {"one column .3 sd": 0.3}.get(name)
    return synthetic.UNCHANGED if shift is None else synthetic.Law(moved={"number0": shift})


CHANGES: dict[str, tuple[tuple[str, ...], Edit]] = {
    "one column .3 sd": (("number0",), _as_drawn),
    "10 % missing": (("number0", "level4"), _missing),
    "category moved 20 %": (("level4",), _moved_category(0.2)),
    "category moved 5 %": (("level4",), _moved_category(0.05)),
}
