"""Realised and estimated performance over time."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.helpers.figures import valid
from watchkeeper.report.figure import Figure
from watchkeeper.report.realised import NO_LABEL, Realised, coverage_figure, realised_figure

DAY = 86_400.0
SERIES: dict[str, Any] = {
    "name": "ROC AUC",
    "times": tuple(k * DAY for k in range(5)),
    "width": DAY,
    "value": (0.7, 0.6, None, 0.65, 0.5),
    "low": (0.6, 0.5, None, 0.6, 0.1),
    "high": (0.8, 0.7, None, 0.7, 0.9),
    "labels": (100, 90, 0, 80, 5),
    "coverage": (1.0, 0.9, 0.0, 0.8, 0.05),
    "mature": (True, True, True, False, False),
}


def named(figure: Figure) -> dict[str, Any]:
    return {trace["name"]: trace for trace in figure["data"]}


def test_immature_windows_stand_apart() -> None:
    figure = valid(realised_figure(Realised(**SERIES)))
    traces = named(figure)
    assert traces["labels have come"]["y"] == [0.7, 0.6]
    assert traces["labels still coming"]["y"] == [0.65, 0.5]
    assert "may change" in traces["labels still coming"]["text"][0]
    (shade,) = figure["layout"]["shapes"]
    assert (shade["x0"], shade["x1"]) == ("1970-01-04T00:00:00Z", "1970-01-06T00:00:00Z")
    assert traces["realised, on labels"]["y"] == list(SERIES["value"])
    assert "estimated, without labels" not in traces


def test_an_estimate_is_a_line_of_its_own() -> None:
    estimate = (0.71, 0.62, 0.6, 0.64, 0.66)
    ends: dict[str, Any] = {"estimated_low": (0.6,) * 5, "estimated_high": (0.8,) * 5}
    traces = named(valid(realised_figure(Realised(**SERIES, estimated=estimate, **ends))))
    dotted = traces["estimated, without labels"]
    assert dotted["y"] == list(estimate)
    assert dotted["line"]["dash"] == "dot"
    assert dotted["line"]["color"] != traces["realised, on labels"]["line"]["color"]
    assert traces["realised, on labels"]["y"] == list(SERIES["value"])
    only = Realised(**{**SERIES, "value": (None,) * 5, "low": (None,) * 5, "high": (None,) * 5}, estimated=estimate)
    assert "estimated, without labels" in named(valid(realised_figure(only)))


def test_without_labels_it_says_so() -> None:
    none = Realised(**{**SERIES, "value": (None,) * 5})
    assert NO_LABEL in msgspec.json.encode(valid(realised_figure(none))).decode()


def test_coverage_has_the_share_of_mature_windows_as_a_line() -> None:
    traces = named(valid(coverage_figure(Realised(**SERIES), 0.95)))
    assert traces["have a label"]["y"] == [1.0, 0.9, 0.0, 0.8, 0.05]
    assert traces["mature windows reach"]["y"] == [0.95, 0.95]
    assert len(coverage_figure(Realised(**SERIES), None)["data"]) == 1
    empty: dict[str, Any] = {**dict.fromkeys(SERIES, ()), "name": "x", "width": DAY}
    assert "No prediction" in str(valid(coverage_figure(Realised(**empty), None)))
