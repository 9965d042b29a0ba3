"""The machine under a process: CPU, memory and free disk, from the figures of its heartbeats, against stated limits.

A heartbeat carries the CPU seconds used so far, so the CPU share is the difference of two heartbeats. What a heartbeat
does not carry is "not enough data", never "ok".
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
    """Limits as (warn, alarm): CPU in cores, resident memory and free disk in bytes; None is no limit."""

    cpu_cores: tuple[float, float] | None = (0.9, 2.0)
    memory_bytes: tuple[float, float] | None = (1.0 * GIB, 2.0 * GIB)
    disk_free_bytes: tuple[float, float] | None = (5.0 * GIB, 1.0 * GIB)


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """When a process spoke (Unix seconds), and its figures: `cpu_seconds`, `rss_bytes`, `disk_free_bytes`, others."""

    at: float
    stats: Mapping[str, Any]


def judge_process(
    process: str, now: Beat, before: Beat | None = None, policy: ProcessPolicy | None = None
) -> list[Finding]:
    """Findings on one process; `before` is an earlier heartbeat of the same start of it."""
    limits = policy or ProcessPolicy()
    cores = _cores(now, before)
    memory, disk = _figure(now, "rss_bytes"), _figure(now, "disk_free_bytes")
    return [
        _judged(process, "cpu", cores, limits.cpu_cores, unit="cores", words=_cpu_words(process, cores)),
        _judged(
            process, "memory", memory, limits.memory_bytes, unit="bytes", words=_size_words(process, "holds", memory)
        ),
        _judged(
            process,
            "disk",
            disk,
            limits.disk_free_bytes,
            unit="bytes free",
            words=_size_words(process, "has left", disk),
            low=True,
        ),
    ]


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
        feature=f"{process} {name}",
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


def _size_words(process: str, verb: str, size: float | None) -> str:
    return "" if size is None else f"{process} {verb} {size / GIB:.3g} GiB."
