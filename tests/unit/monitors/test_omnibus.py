from __future__ import annotations

import numpy as np

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.block_null import FEW_COLUMNS, BlockNull
from watchkeeper.monitors.omnibus import block_omnibus
from watchkeeper.tallies.tally import FloatArray

Q = 1 / 30
COLUMNS = 30
OWNER = np.arange(COLUMNS)


def judged(window: FloatArray, seed: int = 0, columns: int = COLUMNS) -> Finding | None:
    """What all columns say of one window, after 40 ordinary blocks that move by 0.03."""
    rng = np.random.default_rng(seed)
    means = 0.03 * rng.normal(size=(40, columns))
    rows, variance = np.full((40, columns), 1000.0), np.full(columns, 1 / 12)
    null = BlockNull.fit(means, rows, variance, OWNER[:columns])
    found = null.judge(window[None, :columns], rows[:1], Q)
    return block_omnibus(Statement.UNUSUAL, found, 0, q=Q, rows=(1000, 40_000), blocks=40)


def test_a_small_move_of_every_column_is_found_together() -> None:
    rng = np.random.default_rng(1)
    found = [judged(0.03 * rng.normal(size=COLUMNS) + 0.06 * rng.choice([-1, 1], COLUMNS), k) for k in range(20)]
    assert np.mean([f is not None and f.verdict is Verdict.ALARM for f in found]) > 0.8


def test_an_ordinary_window_is_ok_and_says_what_it_could_have_seen() -> None:
    rng = np.random.default_rng(2)
    found = [judged(0.03 * rng.normal(size=COLUMNS), k) for k in range(60)]
    assert np.mean([f is not None and f.verdict is Verdict.ALARM for f in found]) <= 0.05
    assert all(f is not None and f.smallest_effect is not None and f.smallest_effect > 0.5 for f in found)


def test_one_column_that_alarms_itself_is_not_told_twice() -> None:
    window = 0.03 * np.random.default_rng(3).normal(size=COLUMNS)
    window[4] = 0.5
    found = judged(window)
    assert found is not None
    assert found.verdict is Verdict.OK


def test_few_columns_are_not_asked_together() -> None:
    assert judged(np.zeros(COLUMNS), columns=FEW_COLUMNS - 1) is None
