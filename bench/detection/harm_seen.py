"""Harm on labels: whether lasting harm is found, how soon, how often an ordinary block is called harm, and since when.

Episodes of real streams (harm.py): a model trained on the past, 20 or 40 blocks that say what its ordinary loss is, 60
that are monitored with every label; rows without one are left out. The onset is judged on steps of known size that are
added to the blocks of episodes without lasting harm, in sd of their ordinary block losses, so the true start is known;
steps that would begin in a false alarm are left out. It is read when the alarm begins, and again at the last block in
alarm of the 5 that follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.detection import harm
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, measured, rate, total
from bench.detection.setting import Setting, generator
from bench.detection.streams import Stream, load_stream, names, sources
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses, judge_series

SECTION = "Harm seen on labels"
EVERY_ONE, SOON, FALSE, PLACED = Goal(">=", 1.0), Goal("<=", 2), Goal("<=", 1.0), Goal(">=", 0.95)
STEPS: dict[float, Goal | None] = {1.0: None, 2.0: PLACED, 3.0: PLACED}
NEAR, LATEST, LEAST_LEFT, DRAWS, LATER = 3, 45, 12, 12, 5
CALIBRATED = (20, 40)


def cells(data: Path | None) -> list[Cell]:
    """Lasting harm, then onsets of steps."""
    members = _labelled(data)
    found = [
        Cell("harm.lasting", SECTION, "lasting harm", partial(_lasting, members), _conclude, parts=(len(members), 1))
    ]
    return found + [
        Cell(
            f"harm.onset.{step:g}",
            SECTION,
            f"a step of {step:g} sd",
            partial(_placed, members, step),
            partial(_conclude_placed, goal),
            parts=(len(members), 1),
        )
        for step, goal in STEPS.items()
    ]


def _labelled(data: Path | None) -> list[str]:
    without = {source.name for source in sources(data) if not source.label}
    return [name for name in names(data) if name not in without]


def _episodes(name: str, setting: Setting) -> list[harm.Episode]:
    stream = known(load_stream(name, setting.data))
    if setting.short:
        bounds = stream.bounds()
        stream = stream.rows(0, int(bounds[min(len(bounds) - 1, harm.TRAIN + harm.CALIBRATE + 30)]))
    return [episode for blocks in CALIBRATED for episode in harm.episodes(stream, blocks)]


def known(stream: Stream) -> Stream:
    """The rows with a label."""
    if stream.label is None:
        return stream
    at = np.flatnonzero(np.isfinite(stream.label))
    return replace(stream, features=stream.features.take(pa.array(at)), times=stream.times[at], label=stream.label[at])


def _lasting(members: list[str], setting: Setting, part: int) -> Counts:
    found = harm.measure(_episodes(members[part], setting))
    return {
        "episodes": found.episodes,
        "delays": [delay if math.isfinite(delay) else None for delay in found.delays],
        "ordinary": found.ordinary,
        "alarms": found.alarms,
        "alarmed": found.alarmed,
    }


def _conclude(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    delays = [math.inf if delay is None else delay for part in parts for delay in part["delays"]]
    ordinary, alarms = (sum(part[key] for part in parts) for key in ("ordinary", "alarms"))
    episodes = f"{sum(part['episodes'] for part in parts)} episodes"
    seen = sum(map(math.isfinite, delays))
    median = float(np.median(delays)) if delays else math.nan
    ninetieth = float(np.quantile(delays, 0.9, method="nearest")) if delays else math.nan
    return (
        rate("onsets found", seen, len(delays), of="onsets", goal=EVERY_ONE, note=episodes),
        measured(
            "median delay in blocks",
            median,
            len(delays),
            of="onsets",
            goal=SOON,
            note=f"nine in ten within {ninetieth:g}",
        ),
        rate("alarms on 100 ordinary blocks", alarms, ordinary, of="blocks", goal=FALSE, per=100),
        rate("ordinary blocks in alarm", sum(part["alarmed"] for part in parts), ordinary, of="blocks"),
    )


def _placed(members: list[str], step: float, setting: Setting, part: int) -> Counts:
    """Steps added at random places of blocks without lasting harm, and the onsets told."""
    rng = generator(f"harm.onset.{step:g}", part)
    counts = {"tried": 0, "alarmed": 0, "near": 0, "near later": 0, "covered": 0}
    for episode in _episodes(members[part], setting):
        if harm.lasting_harm(episode) is not None or len(episode.monitored.mean) <= LEAST_LEFT:
            continue
        for _ in range(setting.of(DRAWS, 2)):
            start = int(rng.integers(1, min(LATEST, len(episode.monitored.mean) - LEAST_LEFT) + 1))
            for key, count in _told(episode, step, start).items():
                counts[key] += count
    return counts


def _told(episode: harm.Episode, step: float, start: int) -> dict[str, int]:
    """What becomes of one step; nothing where the block before it is in alarm."""
    losses, ordinary = episode.monitored, episode.ordinary
    moved = losses.mean.copy()
    moved[start:] += step * ordinary.mean.std(ddof=1)
    places = np.arange(len(moved))
    findings = judge_series(BlockLosses(moved, losses.rows, losses.variance), ordinary, starts=places)
    if findings[start - 1].verdict is Verdict.ALARM:
        return {}
    alarms = [place for place in range(start, len(findings)) if findings[place].verdict is Verdict.ALARM]
    if not alarms:
        return {"tried": 1}
    first, later = findings[alarms[0]], findings[max(place for place in alarms if place <= alarms[0] + LATER)]
    return {
        "tried": 1,
        "alarmed": 1,
        "near": int(_near(first, start)),
        "near later": int(_near(later, start)),
        "covered": int(first.onset_low is not None and first.onset_low <= start <= (first.onset_high or start)),
    }


def _near(finding: Finding, start: int) -> bool:
    return finding.onset is not None and abs(finding.onset - start) <= NEAR


def _conclude_placed(goal: Goal | None, parts: Sequence[Counts]) -> tuple[Figure, ...]:
    sums = total(parts)
    alarmed = int(sums["alarmed"])
    return (
        rate("found", alarmed, int(sums["tried"]), of="steps"),
        rate("placed within 3 blocks, at the alarm", sums["near"], alarmed, of="alarms", goal=goal),
        rate("placed within 3 blocks, 5 blocks later", sums["near later"], alarmed, of="alarms", goal=goal),
        rate("interval covers the start", sums["covered"], alarmed, of="alarms"),
    )
