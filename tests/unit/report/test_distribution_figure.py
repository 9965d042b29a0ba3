from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.figures import valid
from watchkeeper.report.distribution import NEVER_SEEN, levels_distribution, numeric_distribution
from watchkeeper.report.distribution_figure import MISSING, distribution_figure

EDGES = np.array([0.0, 1.0, 2.0])
NO_ATOMS = np.zeros(2, bool)


def test_missing_is_a_bar_of_its_own_where_it_moved() -> None:
    made = numeric_distribution(EDGES, NO_ATOMS, np.ones(2), np.ones(2), missing=(0.0, 0.4))
    figure = valid(distribution_figure(made))
    assert [trace["y"] for trace in figure["data"] if trace.get("xaxis") == "x2"] == [[0.0], [0.4]]
    assert "now 40.0 %, reference 0.0 %" in figure["data"][-1]["text"][0]
    assert sum(figure["data"][1]["y"]) == pytest.approx(0.6)
    named = valid(distribution_figure(levels_distribution(["a"], np.ones(1), np.ones(1), missing=(0.1, 0.4))))
    assert named["layout"]["yaxis"]["ticktext"] == ["a", MISSING]
    assert named["data"][1]["x"] == [pytest.approx(0.6), 0.4]


def test_missing_that_did_not_move_is_not_drawn() -> None:
    made = numeric_distribution(EDGES, NO_ATOMS, np.ones(2), np.ones(2), missing=(0.3, 0.305))
    assert "xaxis2" not in distribution_figure(made)["layout"]
    named = distribution_figure(levels_distribution(["a"], np.ones(1), np.ones(1), missing=(0.3, 0.305)))
    assert named["layout"]["yaxis"]["ticktext"] == ["a"]


def test_levels_never_seen_are_a_bar() -> None:
    figure = valid(distribution_figure(levels_distribution(["a"], np.array([9.0]), np.array([9.0]), unseen=(0, 1))))
    assert figure["layout"]["yaxis"]["ticktext"] == ["a", NEVER_SEEN]
    assert figure["data"][1]["x"] == [0.9, 0.1]


def test_hostile_levels_are_text() -> None:
    made = levels_distribution(["<img src=x onerror=alert(1)>", "__proto__"], np.ones(2), np.ones(2))
    assert "<img" not in str(valid(distribution_figure(made)))


def test_without_counts_there_is_a_sentence() -> None:
    made = numeric_distribution(np.array([0.0, 1.0]), np.zeros(1, bool), np.zeros(1), np.zeros(1))
    assert distribution_figure(made)["layout"]["annotations"]
