"""Real streams, forward in time: how often the pager alarms on ordinary blocks, and what it still sees.

The reference is the first 40 blocks; every later block is judged by the windows before it, and none is left out as
really changed, so the shares are upper bounds of false alarms. q = 1/30 a window, whatever its length. For windows of
several blocks the reference has 80 blocks, since it must hold at least 8 of them. To see what is still found, one
column of numbers of the next three blocks is moved by 0.75 of its standard deviation, every tenth block, each column in
turn. Windows too small to be judged (under 30 rows) do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from bench.detection import forward
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, rate, total
from bench.detection.setting import Missing, Setting
from bench.detection.streams import Stream, load_stream, names, sources
from watchkeeper.detectors.finding import Statement
from watchkeeper.monitors.judge import Judge

SECTION = "Ordinary blocks of real streams, forward in time"
LENGTHS = {"a quarter of a block": 0.25, "2 blocks": 2.0, "4 blocks": 4.0, "8 blocks": 8.0}
BLOCKS, MORE_BLOCKS, EVERY = 40, 80, 10
FALSE, FOUND = Goal("<=", 0.05), Goal(">=", 0.45)


def cells(data: Path | None) -> list[Cell]:
    """Every family at its block, then at other lengths, then all streams moved."""
    families = families_of(data)
    found = [
        _cell(f"ordinary.{family}", f"{family}: alarms on ordinary blocks", members, partial(_quiet, members, 1.0))
        for family, members in families.items()
    ]
    found += [
        _cell(
            f"ordinary.{family}.{length}",
            f"{family}: windows of {length}",
            members,
            partial(_quiet, members, LENGTHS[length]),
        )
        for family, members in families.items()
        for length in LENGTHS
    ]
    everyone = [name for members in families.values() for name in members]
    return [
        *found,
        Cell(
            "ordinary.moved",
            SECTION,
            ".75 sd in one column",
            partial(_moved, everyone),
            _conclude_moved,
            parts=(len(everyone), 1),
        ),
    ]


def families_of(data: Path | None) -> dict[str, list[str]]:
    """The names of each family's streams."""
    family = {source.name: source.family for source in sources(data)}
    found: dict[str, list[str]] = {}
    for name in names(data):
        found.setdefault(family.get(name, "flights"), []).append(name)
    return found


def _cell(name: str, title: str, members: list[str], measure: partial[Counts]) -> Cell:
    return Cell(name, SECTION, title, measure, _conclude, parts=(len(members), 1))


def _quiet(members: list[str], length: float, setting: Setting, part: int) -> Counts:
    """One stream's windows: judged, and alarming by statement."""
    stream = load_stream(members[part], setting.data)
    judge, live = begun(stream, int(stream.block * length), setting)
    verdicts, _ = forward.follow(judge, live)
    alarms, judged = forward.alarm_share(verdicts)
    moved = sum(
        any(f.statement is Statement.MOVED and f.verdict in {"warn", "alarm"} for f in v.findings) for v in verdicts
    )
    broken = sum(any(f.statement is Statement.BROKEN for f in v.alarms) for v in verdicts)
    return {"windows": judged, "unusual": alarms, "moved": moved, "broken": broken, "all": len(verdicts)}


def begun(stream: Stream, width: int, setting: Setting) -> tuple[Judge, forward.Windows]:
    """A judge that has learned from the first blocks, and the windows of `width` seconds after them."""
    ours = _of(stream)
    blocks = MORE_BLOCKS if width > stream.block else BLOCKS
    reference, end = forward.learned(ours, blocks, min(width, stream.block))
    judge = Judge(reference, forward.budget(width))
    live = forward.windows(reference, ours, -(-end // width) * width, width)
    most = setting.of(len(live.starts), 12)
    if not most:
        raise Missing(f"{stream.name} ends with its reference")
    return judge, forward.Windows(live.starts[:most], live.counts[:most])


def _of(stream: Stream) -> forward.Stream:
    return forward.Stream(stream.name, stream.features, stream.times, stream.block)


def _moved(members: list[str], setting: Setting, part: int) -> Counts:
    """Each column of numbers in turn, at every tenth block: moved there, and found within three."""
    stream = load_stream(members[part], setting.data)
    judge, live = begun(stream, stream.block, setting)
    _, histories = forward.follow(judge, live)
    numbers = [field.name for field in stream.features.schema if pa.types.is_floating(field.type)]
    places = range(0, len(live.starts) - forward.AHEAD, EVERY)
    tried = found = 0
    for column in numbers[: setting.of(len(numbers), 1)]:
        shifted = forward.moved(_of(stream), column)
        seen = forward.found(judge, shifted, live, histories, column=column, places=places)
        tried, found = tried + len(seen), found + sum(any(one) for one in seen)
    return {"tried": tried, "found": found, "stream": stream.name}


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    windows, every = int(sums["windows"]), int(sums["all"])
    return (
        rate("pager alarms", sums["unusual"], windows, of="blocks", goal=FALSE, note=f"{len(parts)} streams"),
        rate("broken", sums["broken"], every, of="blocks"),
        rate("moved since training (a notice)", sums["moved"], every, of="blocks"),
    )


def _conclude_moved(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    each = [
        rate(f"{part['stream']}: found within 3 blocks", part["found"], part["tried"], of="places") for part in parts
    ]
    tried, found = sum(part["tried"] for part in parts), sum(part["found"] for part in parts)
    return (rate("found within 3 blocks, all streams", found, tried, of="places", goal=FOUND), *each)
