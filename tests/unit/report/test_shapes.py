"""A classifier in pictures."""

from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.report.shapes import MOST_POINTS, calibration_figure, curve_figure, errors_figure, scores_figure

TITLES = ("false positive rate", "true positive rate")


def test_a_curve_is_thinned_but_keeps_its_ends() -> None:
    many = [k / 1000 for k in range(1001)]
    figure = valid(curve_figure(many, many, [None, *many[1:]], TITLES, chance=True))
    lot, model = figure["data"]
    assert len(model["x"]) <= MOST_POINTS
    assert (model["x"][0], model["x"][-1]) == (0.0, 1.0)
    assert model["text"][0] == "nothing decided"
    assert lot["y"] == [0, 1]
    level = valid(curve_figure([0.0, 1.0], [1.0, 0.2], [0.9, 0.1], TITLES, level=0.2))
    assert level["data"][0]["y"] == [0.2, 0.2]
    assert curve_figure([], [], [], TITLES)["data"] == []


def test_calibration_has_its_intervals_and_the_diagonal() -> None:
    points = {"expected": [0.1, 0.9], "true": [0.2, 0.8], "low": [0.1, 0.7], "high": [0.3, 0.9], "rows": [10.0, 20.0]}
    diagonal, curve = valid(calibration_figure(points))["data"]
    assert diagonal["name"] == "perfectly calibrated"
    assert curve["error_y"]["array"] == [0.1, 0.1]
    assert "said 10.0 %, came true 20.0 %" in curve["text"][0]
    assert calibration_figure({name: [] for name in points})["data"] == []


def test_scores_of_each_label_sum_to_one() -> None:
    figure = valid(scores_figure([0.0, 0.5, 1.0], {"<b>no</b>": [90.0, 10.0], "yes": [1.0, 3.0]}))
    assert [sum(trace["y"]) for trace in figure["data"]] == [1.0, 1.0]
    assert figure["data"][0]["name"] == "label &lt;b&gt;no&lt;/b&gt;"
    assert scores_figure([0.0, 1.0], {"no": [0.0]})["data"] == []


def test_errors_stand_around_zero() -> None:
    figure = valid(errors_figure([-1.0, 0.0, 1.0], [3.0, 1.0]))
    assert figure["data"][0]["y"] == [0.75, 0.25]
    assert figure["layout"]["shapes"][0]["x0"] == 0
    assert errors_figure([0.0, 1.0], [0.0])["data"] == []
