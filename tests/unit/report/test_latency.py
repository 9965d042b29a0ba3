from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.report.latency import latency_figure


def test_one_line_a_quantile_in_order() -> None:
    made = valid(latency_figure([0, 60], {0.99: [9, None], 0.5: [1, 2]}))
    assert [trace["name"] for trace in made["data"]] == ["p50", "p99"]
    assert made["layout"]["yaxis"]["type"] == "log"


def test_ticks_are_few_however_wide_the_span() -> None:
    narrow = latency_figure([0, 60], {0.5: [1.2, 4.8]})["layout"]["yaxis"]
    assert narrow["ticktext"][:4] == ["1", "2", "5", "10"]
    wide = latency_figure([0, 60], {0.5: [0.02, 90_000.0]})["layout"]["yaxis"]
    assert len(wide["tickvals"]) <= 8
    assert "tickvals" not in valid(latency_figure([0], {0.5: [None]}))["layout"]["yaxis"]


def test_nothing_served_is_a_sentence() -> None:
    assert latency_figure([], {})["layout"]["annotations"]
