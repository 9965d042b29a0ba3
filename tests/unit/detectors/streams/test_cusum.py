"""CUSUM against its definition: the largest sum over all starts."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.cusum import Cusum
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


def test_the_statistic_is_the_best_sum_over_all_starts() -> None:
    values = np.random.default_rng(0).normal(10, 2, 80)
    state = Cusum(mean=10, sd=2, k=0.25, h=1e9).start()
    found = [state.update(value).statistic for value in values]
    z = (values - 10) / 2
    for end in range(1, 81):
        sums = [max(z[start:end].sum(), -z[start:end].sum()) - 0.25 * (end - start) for start in range(end)]
        assert found[end - 1] == pytest.approx(max(0.0, *sums))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_onset_is_remembered(sign: int) -> None:
    rng = np.random.default_rng(1)
    values = sign * np.concatenate([rng.normal(0, 1, 50), rng.normal(3, 1, 20)])
    state = Cusum(h=6).start()
    alarm = next(signal for signal in map(state.update, values) if signal.alarm)
    assert alarm.position <= 56
    assert alarm.since == pytest.approx(51, abs=2)
    assert alarm.note == ("up" if sign > 0 else "down")


def test_one_direction_is_blind_to_the_other() -> None:
    state = Cusum(direction="up").start()
    assert not any(state.update(-5.0).alarm for _ in range(50))
    assert state.update(0.0).since is None


def test_the_run_length_is_that_of_the_tables() -> None:
    """168 for k = 0.5 and h = 4 in both directions."""
    state = Cusum(h=4).start()
    values = np.random.default_rng(2).normal(size=20_000)
    alarms = sum(state.update(value).alarm for value in values)
    assert 20_000 / alarms == pytest.approx(168, rel=0.25)


def test_it_starts_anew_after_an_alarm() -> None:
    state = Cusum(h=2).start()
    assert state.update(10.0).alarm
    after = state.update(0.0)
    assert after.verdict is Verdict.OK
    assert after.statistic == 0.0


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="sd"):
        Cusum(sd=0)
    with pytest.raises(BadInput, match="h above"):
        Cusum(h=0)
