from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.tables import two_sides
from watchkeeper.compare.telling import Column, columns, milder
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.columns import stacks

RNG = np.random.default_rng(0)


def column(before: object, now: object) -> Column:
    sides = two_sides({"x": before}, {"x": now}, None)
    (stack,) = stacks(sides.reference.binning)
    return columns(sides, stack)[0]


def test_a_column_knows_both_sides() -> None:
    x = column(RNG.normal(size=100), [*RNG.normal(size=30), None])
    assert (x.rows, x.reference_rows, x.values, x.reference_values) == (31, 100, 30, 100)
    assert x.distance is not None
    assert 0 < x.distance < 1


def test_silence_has_a_reason() -> None:
    nothing = column([None] * 50, [None] * 50).silence("location")
    assert nothing is not None
    assert nothing.verdict is Verdict.NOT_COMPUTABLE
    few = column(RNG.normal(size=100), [1.0] * 5)
    for detector in ("location", "missing"):
        silence = few.silence(detector)
        assert silence is not None
        assert silence.verdict is Verdict.NOT_ENOUGH_DATA
        assert "20 on each side" in silence.note
    assert column(RNG.normal(size=100), RNG.normal(size=100)).silence("location") is None


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([1.0] * 50, [2.0] * 50, "mean 2 against 1"),
        (["a"] * 50, ["a"] * 25 + ["b"] * 25, "50 % of rows have a level that the reference never had"),
        (["a", "b"] * 25, ["a"] * 50, "`a` is 100 % of rows against 50 %"),
        ([f"text {i:03}" for i in range(50)], [f"{i}" for i in range(50)], "mean length"),
    ],
)
def test_the_change_is_said_in_the_columns_own_terms(before: list[object], now: list[object], words: str) -> None:
    assert words in column(before, now).words()


def test_a_clock_that_moves_on_warns_at_most() -> None:
    days = np.arange(100) * 86_400_000_000
    clock = column(pa.array(days).cast(pa.timestamp("us")), pa.array(days + 10**15).cast(pa.timestamp("us")))
    finding = clock.finding("range", Verdict.ALARM)
    assert finding.verdict is Verdict.WARN
    assert "time stamp" in finding.note
    assert "mean time 2001" in clock.words()


def test_the_milder_of_two() -> None:
    assert milder(Verdict.ALARM, Verdict.OK) is Verdict.OK
    assert milder(Verdict.WARN, Verdict.ALARM) is Verdict.WARN
