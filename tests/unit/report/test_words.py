from __future__ import annotations

import math

import pytest

from watchkeeper.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "–"),
        (0, "0"),
        (0.1234, "0.123"),
        (1234.5, "1,234"),
        (12.345, "12.3"),
        (1e12, "1.00e+12"),
        (-1e-7, "-1.00e-07"),
        (0.00056, "0.000560"),
        (-45678.9, "-45,679"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0 %"), (1.0, "100.0 %"), (0.1234, "12.3 %"), (0.0001, "<0.1 %"), (0.9999, ">99.9 %"), (None, "–")],
)
def test_percent_never_rounds_something_to_nothing(share: float | None, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (-1, "–"),
        (0, "0 s"),
        (0.25, "250 ms"),
        (59, "59 s"),
        (60, "1 min"),
        (3660, "1 h 1 min"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
        (math.inf, "–"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


def test_times() -> None:
    assert words.moment(0) == "1970-01-01 00:00 UTC"
    assert words.iso(0) == "1970-01-01T00:00:00Z"
    assert words.moment(None) == words.moment(1e30) == "–"
    assert words.iso(None) is None
    assert words.ago(100, 101) == "just now"
    assert words.ago(0, 120) == "2 min ago"
    assert words.ago(None, 1) == "–"


@pytest.mark.parametrize(("p", "text"), [(None, "–"), (0.0001, "<0.001"), (0.04, "0.040"), (math.nan, "–")])
def test_probability(p: float | None, text: str) -> None:
    assert words.probability(p) == text


def test_count() -> None:
    assert words.count(1234567) == "1,234,567"
    assert words.count(None) == "–"


def test_invisible_characters_are_written_out() -> None:
    assert words.visible("a\u202eb\n\x00\U000e0001 c") == "a\\u202eb\\u000a\\u0000\\U000e0001 c"


def test_short_keeps_both_ends() -> None:
    assert words.short("x" * 28) == "x" * 28
    cut = words.short("beginning-" + "x" * 50 + "-end")
    assert len(cut) == 28
    assert cut.startswith("beginning-")
    assert cut.endswith("-end")


def test_figure_text_leaves_plotly_no_tag_and_no_entity() -> None:
    assert words.figure_text("<b>&lt;") == "&lt;b&gt;&amp;lt;"


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.1634, 0.13, 0.194, "0.163 (0.13 to 0.19)"),
        (-0.0271, -0.061, 0.0085, "-0.0271 (-0.061 to 0.0085)"),
        (0.15, 0.0, 0.14, "at most 0.14"),
        (0.15, 0.05, 0.14, "0.050 to 0.14"),
        (0.15, None, None, "0.150"),
        (None, 0.0, 0.1, "–"),
    ],
)
def test_a_size_never_lies_outside_the_interval_told_with_it(
    value: float | None, low: float | None, high: float | None, text: str
) -> None:
    assert words.sized(value, low, high) == text
