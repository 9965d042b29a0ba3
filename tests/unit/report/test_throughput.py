from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.report.throughput import throughput_figure


def test_answered_and_failed_are_stacked_in_the_middle_of_their_time() -> None:
    made = valid(throughput_figure([0], [10], [2], width=60))
    assert [trace["y"] for trace in made["data"]] == [[10], [2]]
    assert made["data"][0]["x"] == ["1970-01-01T00:00:30Z"]
    assert made["layout"]["barmode"] == "stack"


def test_nothing_served_is_a_sentence() -> None:
    assert throughput_figure([], [], [])["layout"]["annotations"]
