from __future__ import annotations

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict


def test_a_finding_survives_json() -> None:
    finding = Finding(feature="distance", column="input.distance", detector="location", verdict=Verdict.ALARM, n=5)
    assert msgspec.json.decode(msgspec.json.encode(finding), type=Finding) == finding


def test_the_statements_are_the_words_of_the_docs() -> None:
    assert {str(statement) for statement in Statement} == {
        "unusual",
        "moved since training",
        "broken",
        "different",
        "service",
        "harm seen",
        "harm estimated",
    }


def test_what_is_not_known_is_null_and_not_zero() -> None:
    fields = msgspec.to_builtins(Finding(feature="x", detector="y", verdict=Verdict.OK))
    assert [fields[name] for name in ("effect", "p_value", "smallest_effect", "distance")] == [None] * 4
