"""Counting what label asking finds."""

from __future__ import annotations

import numpy as np
import pytest

from bench.label_asking import POLICIES, Tallied, judge
from watchkeeper.tallies.tally import FloatArray


def blocks(rates: FloatArray) -> list[FloatArray]:
    rng = np.random.default_rng(0)
    level = np.concatenate([0.2 + rng.normal(0, 0.02, 40), rates])
    return [(rng.random(300) < rate).astype(np.float64) for rate in level]


@pytest.mark.parametrize("name", list(POLICIES))
def test_blatant_harm_is_found_and_calm_is_calm(name: str) -> None:
    found = Tallied()
    judge(blocks(np.array([0.2] * 20 + [0.8] * 10)), POLICIES[name], np.random.default_rng(1), found)
    assert found.right + found.missed == 10
    assert found.right >= 9
    assert found.wrong <= 3


def test_doubt_costs_labels_and_calm_does_not() -> None:
    calm, doubtful = Tallied(), Tallied()
    policy = POLICIES["20, then 80 in doubt"]
    judge(blocks(np.full(20, 0.05)), policy, np.random.default_rng(1), calm)
    judge(blocks(np.full(20, 0.27)), policy, np.random.default_rng(1), doubtful)
    assert calm.labels == 20 * 20
    assert doubtful.labels > 40 * 20
