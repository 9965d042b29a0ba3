"""The loss by age, drawn and in words."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.figures import valid
from watchkeeper.performance.staleness import staleness
from watchkeeper.report.ageing import NOT_KNOWN, Ageing, ageing_figure, ageing_words

AGES = np.arange(60.0)


def told(rise: float, blocks: int = 60, span: float = 1.0) -> Ageing:
    age = AGES[:blocks] * span
    mean = 0.2 + rise * age + np.random.default_rng(3).normal(0, 0.01, blocks)
    rows = np.full(blocks, 100.0)
    return Ageing(
        name="share of wrong decisions",
        ages=tuple(age.tolist()),
        means=tuple(mean.tolist()),
        rows=tuple(rows.tolist()),
        curve=staleness(age, mean, rows),
    )


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (told(0.002), "It ages: the loss rises by 0.0"),
        (told(0.002), "a season looks the same"),
        (told(-0.002), "does not age"),
        (told(0.0), "No sign of ageing"),
        (told(0.0, blocks=5), "not known: a trend takes 8 blocks"),
        (told(0.0, blocks=0), NOT_KNOWN),
    ],
)
def test_what_is_said(case: Ageing, said: str) -> None:
    assert said in ageing_words(case)


def test_a_year_is_no_season() -> None:
    assert "season" not in ageing_words(told(0.002, span=7.0))


def test_blocks_bands_and_trend_are_drawn() -> None:
    case = told(0.002)
    traces = {trace["name"]: trace for trace in valid(ageing_figure(case))["data"]}
    assert len(traces["block of time"]["x"]) == 60
    bands = traces["mean at this age, 95 % interval"]
    assert len(bands["x"]) == len(bands["error_y"]["array"]) == 6
    first, last = traces["trend"]["y"]
    assert case.curve.rise is not None
    assert (last - first) == pytest.approx(case.curve.rise * 59)
    assert not valid(ageing_figure(told(0.0, blocks=0)))["data"]
    assert "trend" not in {trace["name"] for trace in valid(ageing_figure(told(0.0, blocks=5)))["data"]}
