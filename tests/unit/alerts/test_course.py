"""The course is a fold: order of arrival and repetition do not matter, silence neither fires nor clears."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.alerts.course import Course, Signal, Track
from watchkeeper.alerts.table import State

LETTERS = {"A": Signal.ALARM, "w": Signal.WARN, ".": Signal.QUIET, "?": Signal.SILENT}


def track_of(signals: str, memory: int = 64, for_windows: int = 2, keep_firing: int = 2) -> Track:
    track = Track()
    for number, letter in enumerate(signals):
        track = track.remember(60 * number, LETTERS[letter], for_windows, keep_firing, memory)
    return track


def course_of(signals: str) -> Course:
    return track_of(signals).course(2, 2)


@pytest.mark.parametrize(
    ("signals", "state"),
    [
        ("", State.INACTIVE),
        (".?w", State.INACTIVE),
        ("A", State.PENDING),
        ("A.", State.INACTIVE),
        ("A.A", State.PENDING),
        ("AA", State.FIRING),
        ("A?A", State.FIRING),
        ("A?", State.PENDING),
        ("AwA", State.FIRING),
        ("AA?", State.NO_DATA),
        ("AA???", State.NO_DATA),
        ("AA?A", State.FIRING),
        ("AA.", State.FIRING),
        ("AA.w.", State.FIRING),
        ("AA..", State.RESOLVED),
        ("AA.?.", State.RESOLVED),
        ("AA..A", State.PENDING),
        ("AA..AA", State.FIRING),
    ],
)
def test_state_after(signals: str, state: State) -> None:
    assert course_of(signals).state is state


def test_times_are_those_of_the_windows() -> None:
    course = course_of(".AA..")
    assert (course.onset, course.confirmed, course.ended) == (60, 120, 240)


def test_a_second_episode_has_its_own_times() -> None:
    course = course_of("AA..A")
    assert (course.onset, course.confirmed, course.ended) == (240, None, None)


@given(st.text(alphabet="Aw.?", max_size=20), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(signals: str, rng: random.Random) -> None:
    windows = [(60 * number, LETTERS[letter]) for number, letter in enumerate(signals)]
    track = Track().remember(0, windows[0][1], 2, 2, 64) if windows else Track()
    rest = windows + windows
    rng.shuffle(rest)
    for window, signal in rest:
        track = track.remember(window, signal, 2, 2, 64)
    assert track.course(2, 2) == course_of(signals)


@given(st.text(alphabet="Aw.?", max_size=30), st.integers(1, 5))
def test_what_is_forgotten_is_folded_in(signals: str, memory: int) -> None:
    assert track_of(signals, memory).course(2, 2) == course_of(signals)
    assert len(track_of(signals, memory).signals) <= memory


def test_a_window_older_than_the_memory_is_ignored() -> None:
    track = track_of("..AA", memory=2)
    assert track.remember(0, Signal.ALARM, 2, 2, 2) == track
