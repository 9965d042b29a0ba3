from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.report.sparkline import histogram, sparkline

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=16)


@given(st.lists(st.none() | FINITE))
def test_a_line_is_always_well_formed(values: list[float | None]) -> None:
    made = sparkline(values)
    assert bool(made) == any(value is not None for value in values)
    if made:
        assert ET.fromstring(made).get("aria-hidden") == "true"


def test_a_gap_lifts_the_pen() -> None:
    assert sparkline([1, None, 2]).count("M") == 2


def test_a_histogram_draws_the_reference_filled_and_now_as_an_outline() -> None:
    made = histogram([0.5, 0.5], [0.1, 0.9])
    assert made.count("Z") == 2
    assert made.count("<path") == 2
    ET.fromstring(made)
    assert histogram([], []) == histogram([0.0], [0.0]) == ""
