"""A process and the machine under it: whether it beats, and its CPU, memory and free disk against stated limits.

A heartbeat carries the CPU seconds used so far, so the CPU share is the difference of two heartbeats. What a heartbeat
does not carry is "not enough data", never "ok"; so is every figure of a process that has stopped beating.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.sentences import percent

GIB = 2.0**30


class ProcessPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Limits as (warn, alarm): CPU in cores, resident memory and free disk in bytes; None is no limit.

    Between the two an alert that fires goes on: the gap keeps it from flapping. `silent_seconds` without a heartbeat
    is no sign of life.
    """

    cpu_cores: tuple[float, float] | None = (0.9, 2.0)
    memory_bytes: tuple[float, float] | None = (1.0 * GIB, 2.0 * GIB)
    disk_free_bytes: tuple[float, float] | None = (2.0 * GIB, 1.0 * GIB)
    silent_seconds: float = 60.0


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """When a process spoke (Unix seconds), and its figures: `cpu_seconds`, `rss_bytes`, `disk_free_bytes`, others."""

    at: float
    stats: Mapping[str, Any]


def judge_process(
    process: str, now: Beat, before: Beat | None = None, policy: ProcessPolicy | None = None
) -> list[Finding]:
    """Findings on the figures of one process; `before` is an earlier heartbeat of the same start of it."""
    limits = policy or ProcessPolicy()
    cores = _cores(now, before)
    memory, disk = _figure(now, "rss_bytes"), _figure(now, "disk_free_bytes")
    return [
        _judged(process, "cpu", cores, limits.cpu_cores, unit="cores", words=_cpu_words(process, cores)),
        _judged(
            process,
            "memory",
            memory,
            limits.memory_bytes,
            unit="bytes",
            words=_size_words(memory, f"{process} holds {{}} of memory."),
        ),
        _judged(
            process,
            "disk",
            disk,
            limits.disk_free_bytes,
            unit="bytes free",
            words=_size_words(disk, "The disk that the data directory is on has {} left."),
            low=True,
        ),
    ]


def judge_heartbeat(process: str, silent_for: float, policy: ProcessPolicy | None = None) -> Finding:
    """Whether a process that should run still beats; `silent_for` is in seconds."""
    limit = (policy or ProcessPolicy()).silent_seconds
    silent = silent_for > limit
    return Finding(
        feature="heartbeat",
        column=f"process.{process}.heartbeat",
        detector="heartbeat",
        statement=Statement.SERVICE,
        verdict=Verdict.ALARM if silent else Verdict.OK,
        statistic=silent_for,
        effect=silent_for,
        effect_name="seconds since the last heartbeat",
        floor=limit,
        sentence=f"{process} gave no sign of life for {silent_for:,.0f} s." if silent else f"{process} beats.",
    )


def _judged(
    process: str,
    name: str,
    value: float | None,
    limit: tuple[float, float] | None,
    *,
    unit: str,
    words: str,
    low: bool = False,
) -> Finding:
    """One figure against its limits; `low` where it is too little that hurts."""
    verdict, floor = Verdict.OK, None
    if value is None:
        verdict = Verdict.NOT_ENOUGH_DATA
    elif limit is not None:
        warn, floor = limit
        beyond_alarm, beyond_warn = (value < floor, value < warn) if low else (value > floor, value > warn)
        verdict = Verdict.ALARM if beyond_alarm else Verdict.WARN if beyond_warn else Verdict.OK
    return Finding(
        feature=name,
        column=f"process.{process}.{name}",
        detector=name,
        statement=Statement.SERVICE,
        verdict=verdict,
        statistic=value,
        effect=value,
        effect_name=unit,
        floor=floor,
        sentence=words,
        note="" if value is not None else f"The heartbeats of {process} do not say.",
    )


def _cores(now: Beat, before: Beat | None) -> float | None:
    """CPU used between two heartbeats, in cores; None across a restart."""
    if before is None or now.at <= before.at:
        return None
    used, earlier = _figure(now, "cpu_seconds"), _figure(before, "cpu_seconds")
    if used is None or earlier is None or used < earlier:
        return None
    return (used - earlier) / (now.at - before.at)


def _figure(beat: Beat, name: str) -> float | None:
    value = beat.stats.get(name)
    return float(value) if isinstance(value, int | float) else None


def _cpu_words(process: str, cores: float | None) -> str:
    return "" if cores is None else f"{process} used {percent(cores)} of a core."


def _size_words(size: float | None, words: str) -> str:
    return "" if size is None else words.format(f"{size / GIB:.3g} GiB")
