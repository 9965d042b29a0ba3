"""The trend of the loss with the model's age."""

import numpy as np
import pytest

from watchkeeper.performance.staleness import staleness
from watchkeeper.tallies.tally import FloatArray

AGE = np.arange(60.0)
ROWS = np.full(60, 200.0)


def blocks(rise: float, seed: int = 0, carry: float = 0.0) -> FloatArray:
    rng = np.random.default_rng(seed)
    noise = rng.normal(0, 0.02, 60)
    for k in range(1, 60):
        noise[k] += carry * noise[k - 1]
    return 0.2 + rise * AGE + noise


def test_a_rise_is_found_with_its_interval() -> None:
    found = staleness(AGE, blocks(0.002), ROWS, allowed=0.3)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 0.002 < found.high
    assert found.fresh == pytest.approx(0.2, abs=0.02)
    assert found.crosses == pytest.approx(50, abs=12)


@pytest.mark.parametrize("carry", [0.0, 0.5])
def test_the_interval_covers_even_where_days_resemble_each_other(carry: float) -> None:
    found = [staleness(AGE, blocks(0.001, seed, carry), ROWS) for seed in range(200)]
    covered = np.mean([(one.low or 1.0) <= 0.001 <= (one.high or 0.0) for one in found])
    assert covered >= (0.9 if carry == 0 else 0.82)


def test_bands_hold_every_row_in_order() -> None:
    found = staleness(AGE[::-1], blocks(0.002)[::-1], ROWS, bands=5)
    assert [band.blocks for band in found.bands] == [12] * 5
    assert sum(band.rows for band in found.bands) == 12_000
    losses = [band.loss for band in found.bands]
    assert losses == sorted(losses)
    assert all(band.low is not None and band.low < band.loss for band in found.bands)


def test_too_little_gives_the_curve_only() -> None:
    found = staleness(AGE[:5], blocks(0.002)[:5], ROWS[:5])
    assert found.rise is None
    assert "takes 8 blocks of different age, there are 5" in found.note
    assert len(found.bands) == 5
    assert staleness(np.zeros(0), np.zeros(0), np.zeros(0)).bands == ()
    assert staleness(np.ones(20), np.ones(20), np.ones(20)).rise is None


def test_empty_blocks_are_left_out() -> None:
    mean, rows = blocks(0.002), ROWS.copy()
    mean[10], rows[10] = np.nan, 0
    assert sum(band.blocks for band in staleness(AGE, mean, rows).bands) == 59


def test_a_falling_loss_crosses_nothing() -> None:
    assert staleness(AGE, blocks(-0.002), ROWS, allowed=0.3).crosses is None
