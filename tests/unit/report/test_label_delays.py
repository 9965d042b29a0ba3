"""How long labels take, drawn."""

from __future__ import annotations

import json

from tests.helpers.figures import valid
from watchkeeper.report.label_delays import NO_LABEL, delays_figure


def test_the_share_that_came_within_a_time() -> None:
    figure = valid(delays_figure([0.5, 3600.0, 86_400.0], [0.25, 0.5, 1.0]))
    (curve,) = figure["data"]
    assert curve["x"] == [1.0, 3600.0, 86_400.0]
    assert curve["y"] == [0.25, 0.5, 1.0]
    assert curve["text"][1] == "50.0 % within 1 h"
    assert figure["layout"]["xaxis"]["type"] == "log"


def test_without_a_label_it_says_so() -> None:
    assert NO_LABEL in json.dumps(delays_figure([], []))
