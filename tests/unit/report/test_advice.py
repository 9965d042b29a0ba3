from __future__ import annotations

import pytest

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.report import advice


def finding(verdict: Verdict, *, feature: str = "a", detector: str = "ks", distance: float | None = None) -> Finding:
    return Finding(feature=feature, column=f"input.{feature}", detector=detector, verdict=verdict, distance=distance)


@pytest.mark.parametrize(
    ("detector", "word"),
    [("missing", "Restore"), ("unseen", "categories"), ("range", "factor"), ("kolmogorov_smirnov", "distributions")],
)
def test_each_cause_has_its_step(detector: str, word: str) -> None:
    assert word in advice.next_step(finding(Verdict.ALARM, detector=detector))


@pytest.mark.parametrize("statement", Statement)
def test_each_statement_has_a_step(statement: Statement) -> None:
    made = Finding(feature="a", detector="ks", verdict=Verdict.WARN, statement=statement)
    assert advice.next_step(made)


def test_silence_says_why_there_is_nothing_to_do() -> None:
    assert "wait" in advice.next_step(finding(Verdict.NOT_ENOUGH_DATA))
    assert "note" in advice.next_step(finding(Verdict.NOT_COMPUTABLE))
    assert advice.next_step(finding(Verdict.OK)) == "Nothing to do."


def test_columns_by_urgency_then_by_distance() -> None:
    found = [
        finding(Verdict.OK, feature="well", distance=0.9),
        finding(Verdict.ALARM, feature="small", distance=0.1),
        finding(Verdict.ALARM, feature="large", distance=0.5),
        finding(Verdict.OK, feature="small", detector="missing", distance=0.95),
        finding(Verdict.NOT_ENOUGH_DATA, feature="silent"),
    ]
    columns = advice.ranked(found)
    assert [key for key, _ in columns] == ["input.small", "input.large", "input.silent", "input.well"]
    assert columns[0][1][0].verdict is Verdict.ALARM


def test_the_headline_is_the_gravest() -> None:
    grave = finding(Verdict.ALARM)
    assert advice.headline([finding(Verdict.OK, distance=1.0), grave]) is grave
    assert advice.headline([]) is None
    assert advice.verdict_of([grave]) is Verdict.ALARM
    assert advice.tone(Verdict.NOT_COMPUTABLE) == "silent"
