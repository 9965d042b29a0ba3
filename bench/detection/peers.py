"""The peers, on the same windows of the census table: at their defaults, and at one false alarm in 20 windows.

Each peer runs in an environment of its own (bench/peers), reads the reference and the windows from the same Parquet
files, and answers with a severity for every column of every window: its statistic over its own threshold, so above 1
it alarms. At its defaults each tool has a false-alarm rate of its own, so its power there says little. Matched, the
threshold of a tool's largest severity is moved to where 1 in 20 of its own null windows of that size alarm: chosen on
the null windows themselves, which flatters the peers. Watchkeeper is not fitted to them: it is asked for q = 1/20.

One cut of the table, one reference of 20,000 rows; fewer windows than our own cells have, for some peers take over a
second for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.detection import census
from bench.detection.asking import SCRIPTS, asked
from bench.detection.cell import OURS, Cell, Counts
from bench.detection.figure import Figure, measured, rate
from bench.detection.rule import judged, null_of, reference_of, tallied
from bench.detection.setting import Q, Setting, generator
from bench.detection.shifts import NONE, SHIFTS, Shift
from bench.environments import PEERS as ENVIRONMENTS
from watchkeeper.events.inference import INPUT

SECTION = "Beside the peers, on the same windows"
MATCHED = 1 / 20


@dataclass(frozen=True)
class Peer:
    """Its environment and script, and how many windows without and with a change it has the time for."""

    environment: str
    script: str
    null: int
    shifted: int


PEERS = {
    "Evidently": Peer("evidently", "evidently_drift.py", 40, 20),
    "NannyML": Peer("nannyml", "nannyml_drift.py", 400, 100),
    "whylogs": Peer("whylogs", "whylogs_drift.py", 100, 40),
    "alibi-detect": Peer("alibi-detect", "alibi_detect_drift.py", 400, 100),
}
SCENARIOS: dict[int, tuple[str, ...]] = {
    100: ("10 % missing", "category moved 20 %"),
    500: ("one column .3 sd, whole", "category moved 20 %", "label shift .24 to .40"),
    1_000: (
        "one column .3 sd, whole",
        "category moved 5 %",
        "10 % missing",
        "noise .1 sd, whole",
        "label shift .24 to .40",
    ),
    5_000: ("category moved 5 %",),
}


def cells() -> list[Cell]:
    """A cell for each tool and window size: without a change first, then its scenarios."""
    return [
        Cell(
            name=f"peers.{tool}.{size}",
            section=SECTION,
            title=f"{tool}, windows of {size:,}",
            measure=partial(_measure, tool, size),
            conclude=_conclude,
            parts=(1 + len(names), 1),
            tool=tool,
            **sources_of(tool, ("census.py", "shifts.py", "setting.py")),
        )
        for size, names in SCENARIOS.items()
        for tool in (OURS, *PEERS)
    ]


def sources_of(tool: str, files: Sequence[str]) -> dict[str, Any]:
    """What a peer's results depend on: its scripts, those of our `files` that make its windows, its pins."""
    if tool == OURS:
        return {}
    peer = PEERS[tool]
    here = Path(__file__).parent
    scripts = (SCRIPTS / "drift.py", SCRIPTS / peer.script)
    pins = (*ENVIRONMENTS[peer.environment], str(peer.null), str(peer.shifted))
    return {"sources": (*scripts, *(here / name for name in files)), "pins": pins}


def _measure(tool: str, size: int, setting: Setting, part: int) -> Counts:
    shift = (NONE, *(SHIFTS[name] for name in SCENARIOS[size]))[part]
    cut = census.split(setting, 0)
    rng = generator(f"peers.{shift.name}.{size}")
    windows = shift.windows(cut.pool, size, setting.of(400 if part == 0 else 100, 4), rng)
    if tool == OURS:
        return _ours(cut.reference, windows, size, shift)
    peer = PEERS[tool]
    few = windows.take(np.arange(size * setting.of(peer.null if part == 0 else peer.shifted, 2)))
    files = {
        "reference.parquet": partial(pq.write_table, cut.reference.table()),
        "windows.parquet": partial(pq.write_table, few.table()),
    }
    answer = asked(peer.environment, peer.script, setting, files, str(size))
    return {"scenario": shift.name, "moved": shift.moved, **answer}


def _ours(reference: census.Rows, windows: census.Rows, size: int, shift: Shift) -> Counts:
    """Ours, in the peers' form: alarms at the default level and at the matched one, and who is named at the default."""
    compiled = reference_of(reference.table())
    null, counts = null_of(compiled), tallied(compiled, windows.table(), size)
    default, matched = (list(judged(null, counts, q)) for q in (Q, MATCHED))
    columns = [name.removeprefix(INPUT) for name in default[0].columns]
    return {
        "scenario": shift.name,
        "moved": shift.moved,
        "columns": columns,
        "alarm": np.concatenate([judgement.alarm for judgement in default]).astype(int).tolist(),
        "matched": np.concatenate([judgement.alarm for judgement in matched]).astype(int).tolist(),
        "named": np.concatenate([judgement.named for judgement in default]).astype(int).tolist(),
    }


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    threshold = _threshold(parts[0])
    return tuple(figure for part in parts for figure in _figures(part, threshold))


def _threshold(null: Counts) -> float:
    """The severity that 1 in 20 null windows exceed; of ours, none is needed."""
    if "severity" not in null:
        return 1.0
    largest = np.sort(np.array(null["severity"]).max(1))
    return float(largest[-1 - int(MATCHED * len(largest))])


def _figures(part: Counts, threshold: float) -> list[Figure]:
    if "severity" in part:
        severity = np.array(part["severity"])
        named = severity > 1
        alarm, matched = severity.max(1) > 1, severity.max(1) > threshold
    else:
        alarm, matched, named = (np.array(part[key], bool) for key in ("alarm", "matched", "named"))
    name, note = part["scenario"], part.get("version", "")
    mine = np.isin(part["columns"], part["moved"])
    found = [
        rate(f"{name}: at its defaults", int(alarm.sum()), len(alarm), note=note),
        rate(f"{name}: at 1 false alarm in 20", int(matched.sum()), len(matched), note=note),
    ]
    if mine.any():
        found.append(rate(f"{name}: moved columns named", int(named[:, mine].sum()), int(named[:, mine].size)))
    if mine.any() or name == NONE.name:
        innocent = named[:, ~mine].sum() / len(named)
        found.append(measured(f"{name}: innocent columns a window", float(innocent), len(named)))
    return found
