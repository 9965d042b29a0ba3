from __future__ import annotations

import numpy as np

from tests.unit.monitors.streams import DAY, day, reference, table
from watchkeeper.monitors.baseline import compile_baseline
from watchkeeper.monitors.policy import Policy
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema


def test_a_timed_reference_knows_ordinary_movement(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy())
    assert baseline.fixed is not None
    assert baseline.fixed.blocks == 40
    assert baseline.note == ""
    assert baseline.columns == ("input.price", "input.age", "input.shop")


def test_shorter_blocks_stand_in_for_too_few_long_ones_and_that_is_said(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy(window=7 * DAY))
    assert baseline.fixed is not None
    assert baseline.fixed.blocks == 8
    assert "8 blocks of 5 days stand in" in baseline.note


def test_too_few_blocks_of_any_length_are_said_so() -> None:
    baseline = compile_baseline(reference(np.random.default_rng(3), days=7), Policy())
    assert baseline.fixed is None
    assert baseline.check is None
    assert "7 blocks of time; 8 are needed" in baseline.note


def test_half_of_the_blocks_check_the_other_half(timed: Reference) -> None:
    check = compile_baseline(timed, Policy()).check
    assert check is not None
    assert check.blocks == 40
    assert check.alarms <= 4
    assert not check.failed


def test_an_outage_in_the_reference_is_named_and_counts_for_less() -> None:
    rng = np.random.default_rng(4)
    days = [day(rng) for _ in range(30)]
    days[12] = day(rng, price=lambda _, v: np.zeros(len(v)))
    rows = table(days)
    known = compile_reference(rows, infer_schema(rows, exclude=("at",)), times=rows["at"], bucket=DAY)
    baseline = compile_baseline(known, Policy())
    assert any("1970-01-13" in note and "`price`" in note for note in baseline.notes)
    assert baseline.fixed is not None
    assert baseline.fixed.movement.tau2[0] < 0.01


def test_weekdays_are_used_where_they_help_and_that_is_said() -> None:
    rng = np.random.default_rng(5)
    days = [day(rng, age=lambda _, v, k=k: v + 20 * (k % 7 == 2)) for k in range(84)]
    rows = table(days)
    known = compile_reference(rows, infer_schema(rows, exclude=("at",)), times=rows["at"], bucket=DAY)
    baseline = compile_baseline(known, Policy())
    assert baseline.by_stratum is not None
    assert any("day of week" in note and "`age`" in note and "`price`" not in note for note in baseline.notes)


def test_without_time_rows_are_exchangeable(untimed: Reference) -> None:
    baseline = compile_baseline(untimed, Policy())
    assert baseline.fixed is None
    assert "exchangeable" in baseline.note


def test_a_window_that_the_reference_cannot_be_cut_into_is_said_so(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy(window=3600))
    assert baseline.fixed is None
    assert "multiple" in baseline.note


def test_the_last_blocks_are_the_recent_past(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy(recent_windows=10))
    assert len(baseline.history()) == 10
    assert len(baseline.history(40 * DAY)) == 10


def test_an_old_reference_is_nobodys_recent_past(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy(recent_windows=10))
    assert len(baseline.history(400 * DAY)) == 0
    assert len(baseline.history(50 * DAY)) == 10
    assert 0 < len(baseline.history(57 * DAY)) < 10
