from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.strata import DAY, helpful, kind, labels

HOURS = 6 * 3600
OWNER = np.array([0, 1])


@pytest.mark.parametrize(
    ("width", "name"),
    [(3600, "hour of day"), (HOURS, "hour of day"), (DAY, "day of week"), (7 * DAY, ""), (5 * 3600, "")],
)
def test_what_recurs_follows_from_the_length(width: int, name: str) -> None:
    assert kind(width) == name


def test_labels_are_the_place_in_the_day() -> None:
    stratum, count = labels(np.arange(8) * HOURS + 10 * DAY, HOURS)
    assert stratum.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert count == 4


def test_only_columns_that_are_predicted_better_have_strata() -> None:
    rng = np.random.default_rng(0)
    starts = np.arange(56) * HOURS
    means = 0.02 * rng.normal(size=(56, 2))
    means[:, 1] += 0.1 * (np.arange(56) % 4 == 2)
    found = helpful(means, starts, HOURS, OWNER)
    assert found is not None
    assert found.uses.tolist() == [False, True]
    assert found.kind == "hour of day"


def test_nothing_recurring_has_none() -> None:
    found = [
        helpful(0.02 * np.random.default_rng(seed).normal(size=(56, 2)), np.arange(56) * HOURS, HOURS, OWNER)
        for seed in range(30)
    ]
    assert sum(strata is not None for strata in found) <= 1


def test_too_few_blocks_of_a_stratum_have_none() -> None:
    means = 0.1 * (np.arange(28) % 4 == 2)[:, None] * np.ones(2)
    assert helpful(means, np.arange(28) * HOURS, HOURS, OWNER) is None


def test_a_trend_is_no_stratum() -> None:
    means = np.linspace(0, 1, 56)[:, None] * np.ones(2)
    assert helpful(means, np.arange(56) * HOURS, HOURS, OWNER) is None
