from __future__ import annotations

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.window_verdict import WindowVerdict


def finding(column: str, statement: Statement, verdict: Verdict) -> Finding:
    return Finding(feature=column, column=column, detector="d", statement=statement, verdict=verdict)


def test_columns_out_of_the_ordinary_are_those_that_alarm() -> None:
    verdict = WindowVerdict(
        verdict=Verdict.ALARM,
        n=10,
        findings=(
            finding("input.a", Statement.UNUSUAL, Verdict.ALARM),
            finding("input.b", Statement.BROKEN, Verdict.ALARM),
            finding("input.c", Statement.MOVED, Verdict.WARN),
            finding("service.latency", Statement.SERVICE, Verdict.ALARM),
            finding("input.d", Statement.UNUSUAL, Verdict.OK),
        ),
    )
    assert verdict.unusual_columns == {"input.a", "input.b", "service.latency"}
    assert len(verdict.alarms) == 3


def test_it_survives_json() -> None:
    verdict = WindowVerdict(verdict=Verdict.OK, n=1, findings=(finding("input.a", Statement.MOVED, Verdict.OK),))
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=WindowVerdict) == verdict
