from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from watchkeeper.report.distribution import Distribution, levels_distribution, numeric_distribution
from watchkeeper.report.distribution_svg import distribution_svg

EDGES = np.array([-np.inf, 0.0, 1.0, 2.0, np.inf])
NUMBERS = numeric_distribution(EDGES, np.zeros(4, bool), np.array([0.0, 5, 5, 0]), np.array([0.0, 2, 6, 2]))
GONE = numeric_distribution(
    EDGES, np.zeros(4, bool), np.array([0.0, 5, 5, 0]), np.array([0.0, 2, 6, 2]), missing=(0.0, 0.4)
)
LEVELS = levels_distribution(["<b>&", "plain"], np.array([5.0, 5.0]), np.array([1.0, 9.0]), unseen=(0, 2))
EMPTY = levels_distribution(["a"], np.array([0.0]), np.array([0.0]))


@pytest.mark.parametrize("distribution", [NUMBERS, GONE, LEVELS])
def test_a_figure_is_well_formed(distribution: Distribution) -> None:
    root = ET.fromstring(distribution_svg(distribution, 'a "label" <x>'))
    assert root.attrib["aria-label"] == 'a "label" <x>'
    assert {child.tag for child in root} <= {"path", "text"}


def test_levels_are_named_and_told_in_numbers() -> None:
    texts = [node.text for node in ET.fromstring(distribution_svg(LEVELS, "")).iter("text")]
    assert "<b>&" in texts
    assert any(text and "was 50.0 %" in text for text in texts)


def test_missing_rows_stand_apart_only_where_they_moved() -> None:
    assert "missing" not in distribution_svg(NUMBERS, "")
    assert ">missing<" in distribution_svg(GONE, "")


def test_nothing_to_draw_is_said() -> None:
    assert "No values" in distribution_svg(EMPTY, "")
