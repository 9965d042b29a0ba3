"""The peers at their defaults where nothing of weight has changed: who alarms for nothing?

Three cases, the same windows for every tool: 100 synthetic columns of one law (windows of 1,000 rows, reference of
10,000); all of them moved by a harmless 0.02 sd (100,000 rows on both sides); and ordinary blocks of real streams, held
against the first 40 blocks. On streams ours is the pager, which knows that blocks move; every test that takes rows as
independent, ours between two tables included, alarms there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.detection import forward, synthetic
from bench.detection.asking import asked
from bench.detection.cell import OURS, Cell, Counts
from bench.detection.figure import Figure, measured, rate
from bench.detection.ordinary_blocks import begun
from bench.detection.peers import PEERS, sources_of
from bench.detection.rule import judged, null_of, reference_of, tallied
from bench.detection.setting import Q, Setting, generator
from bench.detection.streams import load_stream

SECTION = "The peers where nothing of weight has changed"
BLOCKS, MOST = 40, 60


@dataclass(frozen=True)
class Case:
    """`reference` and window `rows`, how many `windows`, and the `shift` of synthetic columns; or a `stream`."""

    title: str
    rows: int = 0
    reference: int = 0
    windows: int = 0
    shift: float = 0.0
    stream: str = ""


CASES = (
    Case("100 columns, windows of 1,000", rows=1_000, reference=10_000, windows=12),
    Case("harmless .02 sd, 100,000 rows", rows=100_000, reference=100_000, windows=2, shift=0.02),
    Case("electricity, week by week", stream="electricity, week"),
    Case("NOAA weather, quarter by quarter", stream="NOAA weather, quarter"),
)


def cells() -> list[Cell]:
    """A cell for each tool; its parts are the cases."""
    files = ("synthetic.py", "streams.py", "setting.py")
    return [
        Cell(
            name=f"quiet.{tool}",
            section=SECTION,
            title=tool,
            measure=partial(_measure, tool),
            conclude=_conclude,
            parts=(len(CASES), 1),
            tool=tool,
            **sources_of(tool, files),
        )
        for tool in (OURS, *PEERS)
    ]


def _measure(tool: str, setting: Setting, part: int) -> Counts:
    case = CASES[part]
    if tool == OURS and case.stream:
        return {"case": case.title, **_pager(case, setting)}
    before, now, rows = _stream(case, setting) if case.stream else _synthetic(case, setting)
    if tool == OURS:
        reference = reference_of(before)
        found = list(judged(null_of(reference), tallied(reference, now, rows), Q))
        alarm = np.concatenate([judgement.alarm for judgement in found])
        named = np.concatenate([judgement.named for judgement in found])
        return {"case": case.title, "windows": len(alarm), "alarms": int(alarm.sum()), "named": int(named.sum())}
    files = {
        "reference.parquet": partial(pq.write_table, before),
        "windows.parquet": partial(pq.write_table, now),
    }
    answer = asked(PEERS[tool].environment, PEERS[tool].script, setting, files, str(rows))
    severity = np.array(answer["severity"])
    return {
        "case": case.title,
        "version": answer["version"],
        "windows": len(severity),
        "alarms": int((severity > 1).any(1).sum()),
        "named": int((severity > 1).sum()),
    }


def _synthetic(case: Case, setting: Setting) -> tuple[pa.Table, pa.Table, int]:
    rng = generator(f"quiet.{case.title}")
    rows, windows = setting.of(case.rows, 200), setting.of(case.windows, 2)
    before = synthetic.draw(rng, setting.of(case.reference, 1_000))
    return before, synthetic.draw(rng, rows * windows, synthetic.Law(case.shift)), rows


def _stream(case: Case, setting: Setting) -> tuple[pa.Table, pa.Table, int]:
    """Blocks of these streams all have as many rows."""
    stream = load_stream(case.stream, setting.data)
    bounds = stream.bounds()
    last = bounds[min(len(bounds) - 1, BLOCKS + setting.of(MOST, 2))]
    before, now = stream.rows(0, int(bounds[BLOCKS])), stream.rows(int(bounds[BLOCKS]), int(last))
    return before.features, now.features, int(np.diff(bounds)[0])


def _pager(case: Case, setting: Setting) -> dict[str, Any]:
    stream = load_stream(case.stream, setting.data)
    judge, live = begun(stream, stream.block, setting)
    live = forward.Windows(live.starts[:MOST], live.counts[:MOST])
    alarms, windows = forward.alarm_share(forward.follow(judge, live)[0])
    return {"windows": windows, "alarms": alarms}


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for part in parts:
        note, windows = part.get("version", ""), part["windows"]
        found.append(rate(f"{part['case']}: alarming windows", part["alarms"], windows, note=note))
        if "named" in part:
            found.append(
                measured(f"{part['case']}: columns named a window", part["named"] / windows, windows, note=note)
            )
    return tuple(found)
