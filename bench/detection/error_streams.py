"""How soon a rise of the error rate is seen, row by row, where a false alarm may come once in 100,000 rows.

Streams of 10,000 independent errors at a rate of 10 %, which rises after 5,000 rows. The detector is the product's
betting detector at its defaults, told the ordinary rate; beside it the same told a rate estimated on 10,000 labelled
rows, as in life, and River's detectors at theirs on the same streams (they learn the rate themselves). A stream that
alarmed before the rise counts as a false alarm and starts anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench.detection.asking import SCRIPTS, asked
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, measured, rate
from bench.detection.setting import Setting, generator
from bench.environments import PEERS as ENVIRONMENTS
from watchkeeper.detectors.streams.betting import Betting

SECTION = "Errors that rise, row by row"
ROWS, RISE = 10_000, 5_000
ORDINARY = 0.1
GOALS = {0.12: None, 0.15: Goal("<=", 900), 0.2: Goal("<=", 250), 0.3: None}
PARTS, STREAMS = 4, 100
LABELLED = 10_000
RIVER = ("ADWIN", "PageHinkley", "DDM", "EDDM", "HDDM_A", "HDDM_W")
SCRIPT = "river_errors.py"
RUN_LENGTH = 100_000

Alarms = list[list[int]]


def cells() -> list[Cell]:
    """Ours with the rate known and estimated, then River's."""
    found = []
    for to, goal in GOALS.items():
        known, estimated = partial(_ours, to, False), partial(_ours, to, True)
        found.append(_cell(f"errors.{to}", f"10 % to {to:.0%}, ordinary rate known", known, goal))
        found.append(_cell(f"errors.{to}.estimated", f"10 % to {to:.0%}, ordinary rate estimated", estimated, goal))
    return found + [_river_cell(name) for name in RIVER]


def _cell(name: str, title: str, measure: Any, goal: Goal | None) -> Cell:
    return Cell(name, SECTION, title, measure, partial(_conclude, goal), parts=(PARTS, 1))


def _river_cell(name: str) -> Cell:
    return Cell(
        name=f"errors.{name}",
        section=SECTION,
        title=f"River {name}",
        measure=partial(_river, name),
        conclude=_conclude_river,
        parts=(len(GOALS), 1),
        tool="River",
        sources=(SCRIPTS / SCRIPT, Path(__file__).parent / "setting.py"),
        pins=(*ENVIRONMENTS["river"], str((ROWS, RISE, STREAMS))),
    )


def streams(to: float, count: int, part: int) -> np.ndarray:
    """(count, ROWS) errors, 0 or 1, that rise to the rate `to`."""
    rates = np.where(np.arange(ROWS) < RISE, ORDINARY, to)
    errors: np.ndarray = (generator(f"errors.{to}", part).random((count, ROWS)) < rates).astype(np.uint8)
    return errors


def _ours(to: float, estimated: bool, setting: Setting, part: int) -> Counts:
    rng = generator("errors.labelled", part)
    found: Alarms = []
    for stream in streams(to, setting.of(STREAMS, 3), part):
        policy = Betting(ordinary=ORDINARY, run_length=RUN_LENGTH)
        if estimated:
            mean = float(rng.binomial(LABELLED, ORDINARY)) / LABELLED
            policy = Betting.against(mean, LABELLED, run_length=RUN_LENGTH)
        state = policy.start()
        found.append(_until_found(state.update, stream.tolist()))
    return {"to": to, **_counted(found)}


def _until_found(update: Any, errors: list[int]) -> list[int]:
    """Positions of alarms, up to the first after the rise."""
    alarms = []
    for position, error in enumerate(errors, 1):
        if update(error).alarm:
            alarms.append(position)
            if position > RISE:
                break
    return alarms


def _river(name: str, setting: Setting, part: int) -> Counts:
    to = list(GOALS)[part]
    given = streams(to, setting.of(STREAMS, 3), 0)
    answer = asked("river", SCRIPT, setting, {"streams.npy": lambda path: np.save(path, given)}, name)
    return {"to": to, "version": answer["version"], **_counted(answer["alarms"][name])}


def _counted(alarms: Alarms) -> Counts:
    """False alarms before the rise, rows before it, and the delay of every stream: null where it was not found."""
    first = [next((position - RISE for position in stream if position > RISE), None) for stream in alarms]
    return {
        "false": sum(position <= RISE for stream in alarms for position in stream),
        "before": RISE * len(alarms),
        "delays": first,
    }


def _conclude(goal: Goal | None, parts: Sequence[Counts]) -> tuple[Figure, ...]:
    delays = [math.inf if d is None else float(d) for part in parts for d in part["delays"]]
    false, before = sum(part["false"] for part in parts), sum(part["before"] for part in parts)
    note = f"false alarms in 10,000 rows: {false / before * 10_000:.3g}"
    tenth, ninetieth = np.quantile(delays, [0.1, 0.9], method="nearest")
    found = float(np.isfinite(delays).mean())
    return (
        measured(
            "median delay in rows [middle 80 % of streams]",
            float(np.median(delays)),
            len(delays),
            of="streams",
            goal=goal,
            between=(float(tenth), float(ninetieth)) if np.isfinite(ninetieth) else None,
            note=note,
        ),
        rate("found within 5,000 rows", found * len(delays), len(delays), of="streams", note=note),
    )


def _conclude_river(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for part in parts:
        found += [_renamed(figure, part) for figure in _conclude(None, [part])]
    return tuple(found)


def _renamed(figure: Figure, part: Counts) -> Figure:
    return msgspec.structs.replace(figure, what=f"{part['to']:.0%}: {figure.what}")
