"""Why harm came, as far as scores show it: simulated streams whose reason is known."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.monitors.concept import Shift
from watchkeeper.monitors.why import SAID, why
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.tallies.tally import IntArray

LAYOUT = layout_for("binary", ("0", "1"))
ROWS = 400


def block(rng: np.random.Generator, *, level: float = -1.0, slope: float = 1.0, base: float | None = None) -> IntArray:
    """A calibrated model's scores with labels: by a slope of the log-odds, or in classes of a share `base`."""
    moved = rng.normal(0, 0.05)
    if base is None:
        odds = rng.normal(level + moved, 1.2, ROWS)
        truth = (rng.random(ROWS) < 1 / (1 + np.exp(-slope * odds))).astype(np.int64)
    else:
        truth = (rng.random(ROWS) < base).astype(np.int64)
        odds = 1.4 * rng.normal(1.4 * truth - 0.7 + moved, 1.0) + np.log(0.3 / 0.7)
    scores = 1 / (1 + np.exp(-odds))
    weight = np.full(ROWS, 256, np.int64)
    said = (scores > 0.5).astype(np.int64)
    pairs = Pairs(task="binary", classes=("0", "1"), weight=weight, truth=truth, predicted=said, scores=scores)
    return LAYOUT.tally(pairs).counts


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize(
    ("before", "now", "shift"),
    [
        ({}, {}, Shift.NONE),
        ({}, {"level": -0.2}, Shift.COVARIATE),
        ({}, {"slope": 0.2}, Shift.CONCEPT),
        ({"base": 0.3}, {"base": 0.5}, Shift.LABEL),
        ({}, {"level": -0.2, "slope": 0.2}, Shift.BOTH),
    ],
)
def test_the_reason_is_told(before: dict[str, Any], now: dict[str, Any], shift: Shift, blocks: int) -> None:
    said: Counter[str] = Counter()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        ordinary = np.stack([block(rng, **before) for _ in range(20)])
        said[why(LAYOUT, ordinary, np.sum([block(rng, **now) for _ in range(blocks)], axis=0))] += 1
    assert said[SAID[shift]] >= 5, said


def test_a_multiclass_model_is_read_by_how_sure_it_is() -> None:
    layout = layout_for("multiclass", tuple("abcd"))
    rng = np.random.default_rng(1)

    def day(mixed: float) -> IntArray:
        probabilities, truth = labelled.multiclass_data(n=400, seed=int(rng.integers(1 << 30)))
        truth = np.where(rng.random(400) < mixed, rng.integers(0, 4, 400), truth)
        return layout.tally(labelled.multiclass_pairs(probabilities, truth)).counts

    ordinary = np.stack([day(0.0) for _ in range(20)])
    assert why(layout, ordinary, day(0.0)) == SAID[Shift.NONE]
    assert why(layout, ordinary, day(0.6)) == SAID[Shift.CONCEPT]


def test_nothing_is_said_where_no_scores_are_kept_or_too_few_blocks() -> None:
    rng = np.random.default_rng(2)
    assert why(LAYOUT, np.stack([block(rng)] * 7), block(rng)) == ""
    silent = np.zeros((20, LAYOUT.size), np.int64)
    assert why(LAYOUT, silent, silent[0]) == ""
    predicted, numbers = labelled.regression_data()
    pairs = labelled.regression_pairs(predicted, numbers)
    regression = layout_for("regression", (), pairs)
    counts = regression.tally(pairs).counts
    assert why(regression, np.stack([counts] * 20), counts) == ""
