from __future__ import annotations

from tests.unit.monitors.streams import DAY
from watchkeeper.monitors.baseline import compile_baseline
from watchkeeper.monitors.policy import Policy
from watchkeeper.reference.reference import Reference


def test_a_timed_reference_knows_ordinary_movement(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy())
    assert baseline.fixed is not None
    assert baseline.fixed.blocks == 40
    assert baseline.note == ""
    assert baseline.columns == ("input.price", "input.age", "input.shop")


def test_too_few_blocks_are_said_so(timed: Reference) -> None:
    baseline = compile_baseline(timed, Policy(window=7 * DAY))
    assert baseline.fixed is None
    assert "blocks of time; 8 are needed" in baseline.note


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
