"""Counting what is found of harm in segments."""

from __future__ import annotations

import numpy as np

from bench.segment_harm import Passes, harmed, in_blocks, judged, power, shuffled
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.segment_blocks import LossRows


def rows(blocks: int = 44) -> LossRows:
    rng = np.random.default_rng(0)
    n = blocks * 500
    level = rng.integers(0, 10, n)
    loss = (rng.random(n) < 0.2).astype(float)
    names = tuple(f"l{k}" for k in range(10))
    return LossRows(loss, np.ones(n), np.arange(n) // 500, blocks, {"A": Levels(names, level)})


def test_calm_passes_are_ordinary_and_do_not_alarm() -> None:
    assert judged(rows()) == Passes(5, 0, 0, 5, 0, 0)
    assert judged(rows()) + judged(rows()) == Passes(10, 0, 0, 10, 0, 0)


def test_an_alert_is_counted_once_where_a_segment_is_harmed() -> None:
    some = rows()
    found = judged(harmed(some, ("A", "l3"), 3.0, np.arange(36, 44), np.random.default_rng(1)))
    assert found.passes == 5
    assert found.alarms >= 2
    assert found.alerts == 1


def test_power_goes_from_none_to_all() -> None:
    assert power(rows(), 0.1, 1.0, 10, "test") == (0.0, 0.0)
    assert power(rows(), 0.1, 4.0, 10, "test") == (1.0, 1.0)


def test_rows_are_cut_and_shuffled() -> None:
    some = in_blocks(rows(), 1000)
    assert (some.blocks, np.bincount(some.block).tolist()) == (22, [1000] * 22)
    mixed = shuffled(some)
    assert np.bincount(mixed.block).tolist() == [1000] * 22
    assert (mixed.block != some.block).any()
