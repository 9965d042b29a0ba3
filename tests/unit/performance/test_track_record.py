"""An estimator is judged by what labels showed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import NONE_YET, Scored, TrackRecord, better, track_record


def scored(guess: float, truth: float, half: float = 0.05) -> Scored:
    estimated = Metric(value=guess, low=guess - half, high=guess + half, n=100, estimated=True)
    return Scored(estimated=estimated, realised=Metric(value=truth, low=truth - 0.1, high=truth + 0.1, n=100))


def record(pairs: list[tuple[float, float]], half: float = 0.05) -> TrackRecord:
    return track_record("confidence", "error", [scored(*pair, half) for pair in pairs], 0.2)


def test_a_good_record() -> None:
    found = record([(0.2 + k / 50, 0.21 + k / 50) for k in range(8)])
    assert found.good
    assert found.note == ""
    assert found.coverage == 1.0
    assert found.error == pytest.approx(0.01)
    assert found.bias == pytest.approx(-0.01)
    assert found.naive_error == pytest.approx(0.08)
    assert found.rank_correlation == pytest.approx(1.0)


def test_seven_windows_are_no_record() -> None:
    found = record([(0.3, 0.3)] * 7)
    assert not found.good
    assert "7 of 8" in found.note


def test_an_estimate_that_turns_the_wrong_way_is_not_good_and_says_so() -> None:
    found = record([(0.2 - k / 50, 0.2 + k / 50) for k in range(10)], half=1.0)
    assert not found.good
    assert "nothing changes" in found.note
    assert found.rank_correlation == pytest.approx(-1.0)


def test_intervals_that_are_too_narrow_are_not_good() -> None:
    found = record([(0.2 + k / 50, 0.21 + k / 50) for k in range(10)], half=0.001)
    assert not found.good
    assert "intervals" in found.note


def test_few_labels_leave_the_truth_open() -> None:
    one = scored(0.2, 0.26)
    assert not one.covered
    few = Scored(estimated=one.estimated, realised=one.realised, labelled=0.1)
    assert few.covered


def test_guessing_that_nothing_changes_goes_by_what_was_known_then() -> None:
    moved = [Scored(estimated=one.estimated, realised=one.realised, ordinary=0.4) for one in [scored(0.41, 0.4)] * 8]
    assert track_record("confidence", "error", moved, 0.2).naive_error == pytest.approx(0.0)
    assert not track_record("confidence", "error", moved, 0.2).good


def test_the_better_record_comes_first() -> None:
    good = record([(0.2 + k / 50, 0.21 + k / 50) for k in range(8)])
    near = record([(0.2 + k / 50, 0.2 + k / 50) for k in range(7)])
    none = record([])
    assert better({"a": none, "b": near, "c": good}) == ["c", "b", "a"]
    assert better({"a": none, "b": none}) == ["a", "b"]


def test_nothing_scored_is_no_record() -> None:
    blank = Scored(estimated=Metric(value=None), realised=Metric(value=0.1))
    assert track_record("confidence", "error", [blank], 0.2).note == NONE_YET
    assert track_record("confidence", "error", [], 0.2).windows == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=8, max_size=20))
def test_no_record_is_good_that_is_beaten_by_doing_nothing(pairs: list[tuple[float, float]]) -> None:
    found = record(pairs)
    assert found.error is not None
    assert found.naive_error is not None
    assert not (found.good and found.error >= found.naive_error)
