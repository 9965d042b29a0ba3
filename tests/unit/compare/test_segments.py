from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.segment import Segments
from watchkeeper.compare.segments import segments
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema

BY = ("input.carrier", "input.origin", "input.hour")


Rows = dict[str, Any]


def rows(rng: np.random.Generator, n: int = 8_000, late: float = 0.4) -> Rows:
    return {
        "carrier": np.where(rng.random(n) < late, "AA", rng.choice(["BB", "CC", "DD"], n)),
        "origin": rng.choice(["JFK", "LGA"], n),
        "hour": rng.integers(0, 24, n).astype(float),
        "distance": rng.normal(1000, 200, n),
    }


def reference_of(before: Rows) -> Reference:
    old = pa.table(before)
    return compile_reference(old, infer_schema(old))


def found(before: Rows, now: Rows, reference: Reference | None = None) -> Segments:
    old, new = pa.table(before), pa.table(now)
    reference = reference or reference_of(before)
    return segments(prefixed(old, "input."), prefixed(new, "input."), reference, "input.distance", BY)


def test_a_move_in_one_value_is_found_there_and_not_elsewhere() -> None:
    rng = np.random.default_rng(1)
    before, now = rows(rng), rows(rng)
    now["distance"] = now["distance"] + 150 * (now["carrier"] == "AA")
    said = found(before, now)
    assert said.column == "carrier"
    assert [s.name for s in said.moved] == ["carrier=AA"]
    assert {s.name for s in said.still} == {"carrier=BB", "carrier=CC", "carrier=DD"}
    assert said.finer == ()
    assert said.sentence == "`distance` moved in carrier=AA (40 % of rows), not elsewhere."
    json.dumps(said.to_dict())


def test_two_columns_deep_where_one_is_not_enough() -> None:
    rng = np.random.default_rng(2)
    before, now = rows(rng), rows(rng)
    now["distance"] = now["distance"] + 300 * ((now["carrier"] == "AA") & (now["origin"] == "JFK"))
    (finer,) = found(before, now).finer
    assert set(finer.conditions) == {("carrier", "AA"), ("origin", "JFK")}


def test_what_a_second_column_does_not_narrow_stays_as_it_is() -> None:
    rng = np.random.default_rng(8)
    before, now = rows(rng, 16_000), rows(rng, 16_000)
    late = ((now["carrier"] == "AA") & (now["origin"] == "JFK")) | (now["carrier"] == "BB")
    now["distance"] = now["distance"] + 300 * late
    finer = found(before, now).finer
    assert {frozenset(s.conditions) for s in finer} == {
        frozenset({("carrier", "AA"), ("origin", "JFK")}),
        frozenset({("carrier", "BB")}),
    }


def test_ranges_of_numbers_are_segments_too() -> None:
    rng = np.random.default_rng(3)
    before, now = rows(rng), rows(rng)
    now["distance"] = now["distance"] + 200 * (now["hour"] >= 18)
    said = found(before, now)
    assert said.column == "hour"
    assert [s.name for s in said.moved] == ["hour=18 or more"]


def test_a_move_everywhere_is_called_so() -> None:
    rng = np.random.default_rng(4)
    before, now = rows(rng), rows(rng)
    now["distance"] = now["distance"] + 100
    said = found(before, now)
    assert "everywhere" in said.sentence
    assert not said.still


def test_a_change_of_the_mix_moves_no_segment() -> None:
    rng = np.random.default_rng(5)
    before, now = rows(rng, late=0.2), rows(rng, late=0.6)
    for side in (before, now):
        side["distance"] = side["distance"] + 500 * (side["carrier"] == "AA")
    said = found(before, now)
    assert said.whole.moved
    assert said.mix == ("carrier",)
    assert not [s for s in said.moved if s.conditions[0][0] == "carrier"]


def test_nothing_is_found_where_nothing_moved() -> None:
    wrong, reference = 0, reference_of(rows(np.random.default_rng(99)))
    for seed in range(15):
        rng = np.random.default_rng(100 + seed)
        said = found(rows(rng, 2_000), rows(rng, 2_000), reference)
        wrong += bool(said.moved)
    assert wrong <= 1


def test_thin_segments_are_named_and_not_judged() -> None:
    rng = np.random.default_rng(6)
    before, now = rows(rng), rows(rng)
    now["carrier"][:10] = "ZZ"
    said = found(before, now)
    assert "carrier=other levels" in said.too_few
    assert "chance" in said.sentence


def test_empty_tables_are_refused() -> None:
    before = rows(np.random.default_rng(7), 100)
    old, reference = pa.table(before), reference_of(before)
    with pytest.raises(BadInput, match="no rows"):
        segments(prefixed(old, "input."), prefixed(old.slice(0, 0), "input."), reference, "input.distance", BY)
