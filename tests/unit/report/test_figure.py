from __future__ import annotations

import pytest

from tests.helpers.figures import valid
from watchkeeper.report.figure import axis, empty_figure, layout, named_axis, time_axis
from watchkeeper.report.theme import DARK, LIGHT, Theme


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_shared_parts_are_plotly_s(theme: Theme) -> None:
    made = layout(theme, xaxis=time_axis(theme), yaxis=axis(theme, title="t"), yaxis2=named_axis(theme, ["a"]))
    valid({"data": [], "layout": made})


def test_names_stand_at_numbers_and_cannot_be_markup() -> None:
    made = named_axis(LIGHT, ["2020-01-01", "<b>", "__proto__"])
    assert made["tickvals"] == [0, 1, 2]
    assert made["ticktext"] == ["2020-01-01", "&lt;b&gt;", "__proto__"]


def test_an_empty_figure_says_why() -> None:
    made = valid(empty_figure("Nothing yet."))
    assert made["data"] == []
    assert made["layout"]["annotations"][0]["text"] == "Nothing yet."
