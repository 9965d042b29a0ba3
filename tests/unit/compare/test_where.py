from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.comparison import compare
from watchkeeper.events.errors import BadInput
from watchkeeper.profiles.profile import Profile

RNG = np.random.default_rng(0)


def table(n: int, shift: float) -> pa.Table:
    carrier = RNG.choice(["AA", "UA"], n)
    x = RNG.normal(size=n) + shift * (carrier == "AA")
    return pa.table({"x": x, "y": RNG.normal(size=n), "carrier": carrier, "score": 2 * x})


def test_where_and_who_are_in_the_answer() -> None:
    comparison = compare(table(2000, 0), table(1000, 2), score="score", segments=["carrier"])
    told = {found.feature: [one.name for one in found.moved] for found in comparison.segments}
    assert told["x"] == ["carrier=AA"]
    assert comparison.attribution is not None
    assert comparison.attribution.contributions[0].feature == "x"
    document = json.loads(comparison.to_json())
    assert document["segments"][0]["moved"][0]["conditions"] == [["carrier", "AA"]]
    assert document["attribution"]["contributions"][0]["feature"] == "x"


def test_what_cannot_be_told_stops_nothing() -> None:
    few = compare(table(60, 0), table(60, 0), score="score")
    assert few.attribution is None
    assert few.notes
    profiled = compare(Profile.build(table(500, 0)), table(300, 0), segments=["carrier"])
    assert "keeps no rows" in profiled.notes[0]


def test_unknown_columns_are_refused() -> None:
    with pytest.raises(BadInput, match="no column 'q'"):
        compare(table(300, 0), table(300, 3), segments=["q"])
    with pytest.raises(BadInput, match="no column 'q'"):
        compare(table(300, 0), table(300, 0), score="q")
