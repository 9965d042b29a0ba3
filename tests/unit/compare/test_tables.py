from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.tables import two_sides
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

RNG = np.random.default_rng(0)
BEFORE = {"a": RNG.normal(size=100), "b": RNG.choice(np.array(["x", "y"]), 100)}


def test_both_tables_are_counted_on_the_same_bins() -> None:
    sides = two_sides(BEFORE, {"a": RNG.normal(size=40), "b": ["x"] * 40}, None)
    assert sides.common == ("input.a", "input.b")
    assert (sides.reference.rows, sides.rows, sides.seconds) == (100, 40, None)
    assert sides.current.counts.shape == sides.reference.whole.counts.shape


def test_columns_that_one_side_lacks_are_findings() -> None:
    sides = two_sides(BEFORE, {"a": [1.0], "c": [2]}, None)
    told = {finding.feature: (finding.detector, finding.verdict) for finding in sides.odd}
    assert told == {"b": ("missing_column", Verdict.ALARM), "c": ("new_column", Verdict.WARN)}
    assert sides.common == ("input.a",)


def test_a_column_that_cannot_be_watched_is_said_so() -> None:
    sides = two_sides({**BEFORE, "d": [["a"]] * 100}, {**BEFORE, "d": [["a"]] * 100}, None)
    (odd,) = sides.odd
    assert odd.verdict is Verdict.NOT_COMPUTABLE
    assert "list" in odd.note


@pytest.mark.parametrize(
    ("reference", "current", "time", "words"),
    [
        ({"a": []}, {"a": [1.0]}, None, "reference has no rows"),
        ({"a": [1.0]}, {"a": []}, None, "current table has no rows"),
        ({"a": [1.0]}, {"b": [1.0]}, None, "no column in common"),
        ({"a": [1.0]}, {"a": [1.0]}, "at", "no column 'at'"),
        ({"a": [1.0], "at": [1]}, {"a": [1.0]}, "at", "current table has no column 'at'"),
        ({"a": [1.0], "at": [1]}, {"a": [1.0], "at": [None]}, "at", "without a readable time"),
        (3, {"a": [1.0]}, None, "not a table"),
        ("nowhere.parquet", {"a": [1.0]}, None, "no file"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_words(
    reference: object, current: object, time: str | None, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        two_sides(reference, current, time)


def test_the_span_of_the_current_table_is_known() -> None:
    at = pa.array(np.arange(100) * 3600 * 1_000_000).cast(pa.timestamp("us"))
    sides = two_sides({**BEFORE, "at": at}, {**BEFORE, "at": at}, "at")
    assert sides.seconds == 99 * 3600
    assert "input.at" not in sides.reference.binning.columns
