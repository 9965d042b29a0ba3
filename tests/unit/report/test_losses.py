from __future__ import annotations

import dataclasses

from tests.helpers.figures import valid
from watchkeeper.report.losses import LossSeries, losses_figure

DAY = 86_400.0
SERIES = LossSeries(
    name="error", times=(0.0, DAY, 2 * DAY), width=DAY, loss=[0.1, None, 0.4], low=[0.05, None, 0.3],
    high=[0.2, None, 0.5], ordinary=0.1, line=0.2, harmed=(False, None, True), percent=True,
    pages=((3 * DAY, "<b>Missing</b>"),),
)  # fmt: skip


def test_the_loss_its_line_what_was_harmed_and_who_was_woken() -> None:
    traces = {trace["name"]: trace for trace in valid(losses_figure(SERIES))["data"]}
    assert traces["error"]["y"] == [0.1, None, 0.4]
    assert traces["harmed beyond"]["y"] == [0.2, 0.2]
    assert traces["harmed window"]["x"] == ["1970-01-03T12:00:00Z"]
    assert traces["would have paged"]["x"] == ["1970-01-04T00:00:00Z"]
    assert "<b>" not in traces["would have paged"]["text"][0]
    assert "estimated without labels" not in traces


def test_estimates_are_drawn_apart() -> None:
    series = dataclasses.replace(SERIES, estimated=[0.1, 0.1, None], line=None, ordinary=None, pages=())
    names = [trace["name"] for trace in valid(losses_figure(series))["data"]]
    assert "estimated without labels" in names
    assert "harmed beyond" not in names


def test_without_labels_it_is_a_sentence() -> None:
    assert losses_figure(dataclasses.replace(SERIES, loss=[None] * 3))["layout"]["annotations"]
