from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.report.lines import band, line


def test_a_gap_stays_a_gap() -> None:
    made = line("<b>", [0, 60], [1.0, None], "#000000", unit=" ms")
    assert made["y"] == [1.0, None]
    assert made["connectgaps"] is False
    assert made["name"] == "&lt;b&gt;"
    valid({"data": [made]})


def test_a_single_point_is_drawn() -> None:
    assert "markers" in line("a", [0], [1.0], "#000000")["mode"]


def test_a_band_is_filled_down_to_its_lower_line() -> None:
    lower, upper = band("b", [0, 60], [1, 1], [2, 2], "#000000")
    assert upper["fill"] == "tonexty"
    assert not lower["showlegend"]
    valid({"data": [lower, upper]})
