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


def test_a_band_ends_where_a_gap_begins() -> None:
    (made,) = band("b", [0, 60, 120, 180], [1, 1, None, 3], [2, 2, 5, 4], "#000000")
    assert made["fill"] == "toself"
    assert made["y"] == [1, 1, 2, 2, None, 3, 4, None]
    assert [time and time[14:16] for time in made["x"]] == ["00", "01", "01", "00", None, "03", "03", None]
    valid({"data": [made]})
