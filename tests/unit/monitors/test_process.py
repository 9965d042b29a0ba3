from __future__ import annotations

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.process import GIB, Beat, ProcessPolicy, judge_heartbeat, judge_process


def beat(at: float, cpu: float = 0.0, rss: float = 0.2 * GIB, disk: float = 100 * GIB) -> Beat:
    return Beat(at=at, stats={"cpu_seconds": cpu, "rss_bytes": rss, "disk_free_bytes": disk})


def verdicts(now: Beat, before: Beat | None = None) -> dict[str, Verdict]:
    return {finding.detector: finding.verdict for finding in judge_process("watch", now, before)}


def test_a_calm_process_is_ok() -> None:
    assert verdicts(beat(10, 5.0), beat(0, 4.0)) == {"cpu": Verdict.OK, "memory": Verdict.OK, "disk": Verdict.OK}


def test_each_limit_warns_and_then_alarms() -> None:
    assert verdicts(beat(10, 9.5), beat(0))["cpu"] is Verdict.WARN
    assert verdicts(beat(10, 25.0), beat(0))["cpu"] is Verdict.ALARM
    assert verdicts(beat(0, rss=1.5 * GIB))["memory"] is Verdict.WARN
    assert verdicts(beat(0, rss=3 * GIB))["memory"] is Verdict.ALARM
    assert verdicts(beat(0, disk=1.5 * GIB))["disk"] is Verdict.WARN
    assert verdicts(beat(0, disk=0.5 * GIB))["disk"] is Verdict.ALARM


def test_what_a_heartbeat_does_not_say_is_not_ok() -> None:
    silent = verdicts(Beat(at=0, stats={}))
    assert set(silent.values()) == {Verdict.NOT_ENOUGH_DATA}


def test_a_restart_is_no_negative_load() -> None:
    assert verdicts(beat(10, 1.0), beat(0, 500.0))["cpu"] is Verdict.NOT_ENOUGH_DATA


def test_no_limit_is_no_alarm() -> None:
    found = judge_process("watch", beat(0, rss=90 * GIB), policy=ProcessPolicy(memory_bytes=None))
    assert {f.detector: f.verdict for f in found}["memory"] is Verdict.OK


def test_it_is_said_in_words() -> None:
    (cpu, memory, disk) = judge_process("watch", beat(10, 2.5), beat(0))
    assert cpu.sentence == "watch used 25 % of a core."
    assert memory.sentence == "watch holds 0.2 GiB of memory."
    assert disk.sentence == "The disk that the data directory is on has 100 GiB left."


def test_a_process_that_stops_beating_alarms() -> None:
    assert judge_heartbeat("gateway", 60.0).verdict is Verdict.OK
    silent = judge_heartbeat("gateway", 75.0)
    assert (silent.verdict, silent.sentence) == (Verdict.ALARM, "gateway gave no sign of life for 75 s.")
    assert judge_heartbeat("gateway", 75.0, ProcessPolicy(silent_seconds=100.0)).verdict is Verdict.OK
