from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.timeline import AlertMark, Timeline, timeline_figure

DAY = 86400.0


def timeline(windows: int = 2) -> Timeline:
    return Timeline(
        rows=("distance", "<b>"),
        starts=tuple(i * DAY for i in range(windows)),
        width=DAY,
        verdicts=((Verdict.ALARM,) * windows, (None,) * windows),
        alerts=(AlertMark(onset=DAY, title="distance <i>rose</i>"),),
    )


def test_cells_marks_and_a_legend_that_names_only_what_is_there() -> None:
    made = valid(timeline_figure(timeline()))
    cells, marks, *keys = made["data"]
    assert cells["z"] == [[4, 4], [None, None]]
    assert cells["text"] == [["■", "■"], ["", ""]]
    assert cells["customdata"][1][0].endswith("not judged")
    assert marks["x"] == ["1970-01-02T00:00:00Z"]
    assert "<i>" not in marks["text"][0]
    assert [key["name"] for key in keys] == ["alarm"]


def test_narrow_cells_carry_no_glyph() -> None:
    cells = timeline_figure(timeline(windows=100))["data"][0]
    assert cells["text"][0][0] == ""


def test_no_window_is_a_sentence() -> None:
    assert timeline_figure(timeline(windows=0))["layout"]["annotations"]
