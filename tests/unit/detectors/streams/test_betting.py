"""Betting on losses: the promise under no change, and the delay after one."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.betting import Betting
from watchkeeper.events.errors import BadInput


def test_every_factor_has_mean_one_on_the_boundary_and_is_never_negative() -> None:
    policy = Betting(ordinary=0.3, tolerance=0.05)
    for bet in policy.bets:
        right, wrong = 1 + bet * (0 - policy.boundary), 1 + bet * (1 - policy.boundary)
        assert right >= 0.5 - 1e-12
        assert (1 - policy.boundary) * right + policy.boundary * wrong == pytest.approx(1.0)


def test_the_mean_sum_on_the_boundary_grows_as_the_number_of_losses() -> None:
    """R_t - t is a martingale: over many short streams the mean of R_20 is 20."""
    rng = np.random.default_rng(0)
    ends = []
    for _ in range(2000):
        state = Betting(ordinary=0.3, tolerance=0.0, rises=(0.05,), run_length=1e9).start()
        ends.append([state.update(loss) for loss in rng.random(20) < 0.3][-1].statistic)
    assert np.mean(ends) == pytest.approx(20, rel=0.05)


def test_a_risen_risk_is_found_and_placed() -> None:
    rng = np.random.default_rng(1)
    losses = np.concatenate([rng.random(2000) < 0.1, rng.random(500) < 0.3])
    state = Betting(ordinary=0.1, run_length=10_000).start()
    alarm = next(signal for signal in map(state.update, losses) if signal.alarm)
    assert 2001 < alarm.position < 2200
    assert alarm.since == pytest.approx(2001, abs=60)


def test_losses_between_are_taken_and_others_refused() -> None:
    state = Betting().start()
    assert state.update(0.25).statistic > 0
    with pytest.raises(BadInput, match="between 0 and 1"):
        state.update(2.0)


@pytest.mark.parametrize("wrong", [{"ordinary": 1.0}, {"ordinary": -1.0}, {"run_length": 1}, {"rises": ()}])
def test_parameters_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Betting(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("rows", "tolerance"), [(100_000, 0.01), (1_000, 0.0167)])
def test_an_estimated_risk_widens_the_tolerance_where_it_must(rows: int, tolerance: float) -> None:
    assert Betting.against(0.1, rows).tolerance == pytest.approx(tolerance, abs=2e-4)


def test_the_boundary_is_above_the_true_risk_for_19_references_in_20() -> None:
    rng = np.random.default_rng(1)
    boundaries = [Betting.against(rng.binomial(300, 0.1) / 300, 300, tolerance=0.0).boundary for _ in range(2000)]
    assert np.mean(np.array(boundaries) >= 0.1) >= 0.93
