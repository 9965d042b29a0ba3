from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.window_shift import WindowShift
from watchkeeper.monitors.movement import Movement
from watchkeeper.monitors.persistence import BETS, FLOOR, Target, lasting
from watchkeeper.tallies.tally import FloatArray

COLUMNS = 100
OWNER = np.arange(COLUMNS)
ROWS = 1000
NOISE = np.sqrt(1 / 12 / ROWS)
THRESHOLD = COLUMNS * 720


def target(rows: int = 10_000) -> Target:
    return Target.of_rows(np.zeros(COLUMNS), np.full(COLUMNS, float(rows)), np.full(COLUMNS, 1 / 12))


def windows(rng: np.random.Generator, count: int, shift: float = 0.0) -> FloatArray:
    """Mean ranks of `count` windows of 1,000 rows against one reference of 10,000."""
    reference = rng.normal(size=COLUMNS) * np.sqrt(1 / 12 / 10_000)
    return reference + shift + NOISE * rng.normal(size=(count, COLUMNS))


def rows(means: FloatArray) -> FloatArray:
    return np.full(means.shape, float(ROWS))


def test_exchangeable_windows_never_last() -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        means = windows(rng, 70)
        found = lasting(means, rows(means), target(), OWNER)
        assert found.statistic.max() < THRESHOLD
        assert found.exchangeable.mean() > 0.95


def test_a_tenth_of_a_standard_deviation_is_found_within_fifteen_windows() -> None:
    rng = np.random.default_rng(1)
    means = np.concatenate([windows(rng, 20), windows(rng, 15, shift=0.1 * 0.282)])
    found = lasting(means, rows(means), target(), OWNER)
    assert (found.statistic >= THRESHOLD).mean() > 0.5
    assert np.median(found.since) == pytest.approx(20, abs=2)
    assert np.median(found.effect) == pytest.approx(0.0282, rel=0.2)


def test_both_directions_are_seen() -> None:
    rng = np.random.default_rng(2)
    means = windows(rng, 25, shift=-0.06)
    found = lasting(means, rows(means), target(), OWNER)
    assert (found.statistic >= THRESHOLD).all()
    assert (found.effect < 0).all()


def test_one_odd_window_is_no_lasting_shift() -> None:
    means = windows(np.random.default_rng(3), 40)
    means[20] += 0.4
    assert lasting(means, rows(means), target(), OWNER).statistic.max() < THRESHOLD


def test_windows_that_differ_by_more_than_their_rows_are_not_exchangeable() -> None:
    rng = np.random.default_rng(4)
    means = windows(rng, 40) + 0.05 * rng.normal(size=(40, COLUMNS))
    found = lasting(means, rows(means), target(), OWNER)
    assert not found.exchangeable.any()
    assert not lasting(means[:7], rows(means[:7]), target(), OWNER).exchangeable.any()


def test_ordinary_movement_of_blocks_is_no_drift_but_a_slow_drift_is() -> None:
    rng = np.random.default_rng(5)
    variance, owner = np.full(20, 1 / 12), np.arange(20)
    history = 0.04 * rng.normal(size=(40, 20))
    held = Target.of_blocks(Movement.fit(history, np.full(history.shape, 500.0), variance))
    live = 0.04 * rng.normal(size=(60, 20))
    assert lasting(live, np.full(live.shape, 500.0), held, owner).statistic.max() < 20 * 30
    drift = live + np.linspace(0, 0.15, 60)[:, None]
    assert (lasting(drift, np.full(live.shape, 500.0), held, owner).statistic >= 20 * 30).mean() > 0.8


def test_it_is_the_mixture_of_the_detector_for_one_stream() -> None:
    rng = np.random.default_rng(6)
    means = 0.02 + NOISE * np.clip(rng.normal(size=(12, 1)), -1.5, 1.5)
    boundary = float(np.hypot(FLOOR, 3 * np.sqrt(1 / 12 / 10_000)))
    state = WindowShift(floor=boundary, sizes=tuple(BETS * NOISE), run_length=1e12).start()
    signals = [state.update(float(value), NOISE) for value in means[:, 0]]
    held = Target.of_rows(np.zeros(1), np.full(1, 10_000.0), np.full(1, 1 / 12))
    found = lasting(means, np.full(means.shape, float(ROWS)), held, np.array([0]))
    assert found.statistic[0] == pytest.approx(signals[-1].statistic, rel=1e-9)


def test_windows_without_rows_change_nothing() -> None:
    means = windows(np.random.default_rng(7), 20, shift=0.03)
    full = rows(means)
    gaps = np.insert(means, [5, 10], 9.0, axis=0), np.insert(full, [5, 10], 0.0, axis=0)
    assert lasting(*gaps, target(), OWNER).statistic == pytest.approx(lasting(means, full, target(), OWNER).statistic)
