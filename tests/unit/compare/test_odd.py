from __future__ import annotations

from watchkeeper.compare.odd import odd_columns
from watchkeeper.compare.sides import Shape
from watchkeeper.events.verdict import Verdict

BEFORE = Shape(
    {"a": "double", "gone": "double", "nested": "list", "at": "double", "two": "double"}, frozenset({"nested"})
)
NOW = Shape({"a": "double", "new": "double", "nested": "list", "at": "double"}, frozenset({"nested"}), ("two",))


def test_each_odd_column_is_told_once_with_its_verdict() -> None:
    told = {finding.feature: (finding.detector, finding.verdict) for finding in odd_columns(BEFORE, NOW, ["at"])}
    assert told == {
        "two": ("repeated_column", Verdict.NOT_COMPUTABLE),
        "gone": ("missing_column", Verdict.ALARM),
        "nested": ("type", Verdict.NOT_COMPUTABLE),
        "new": ("new_column", Verdict.WARN),
    }


def test_what_cannot_be_computed_says_why() -> None:
    assert all(f.note for f in odd_columns(BEFORE, NOW, ["at"]) if f.verdict is Verdict.NOT_COMPUTABLE)
