"""DDM: the levels of the paper, and what is known to be wrong with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from watchkeeper.detectors.streams.ddm import Ddm
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


def test_an_alarm_where_the_formula_says() -> None:
    rng = np.random.default_rng(2)
    errors = np.concatenate([rng.random(500) < 0.2, rng.random(500) < 0.6]).astype(float)
    rates = np.cumsum(errors) / np.arange(1, 1001)
    spreads = np.sqrt(rates * (1 - rates) / np.arange(1, 1001))
    lowest, expected = (math.inf, 0.0), None
    for index in range(30, 1000):
        if rates[index] + spreads[index] <= sum(lowest):
            lowest = (rates[index], spreads[index])
        if rates[index] + spreads[index] > lowest[0] + 3 * lowest[1]:
            expected = index + 1
            break
    state = Ddm().start()
    alarm = next(signal for signal in map(state.update, errors) if signal.alarm)
    assert alarm.position == expected
    assert alarm.statistic > 3
    assert alarm.since is not None
    assert alarm.since <= alarm.position


def test_a_warning_comes_first_and_marks_the_onset() -> None:
    rng = np.random.default_rng(5)
    errors = np.concatenate([rng.random(1000) < 0.1, rng.random(500) < 0.4])
    state = Ddm(warmup=100).start()
    signals = [state.update(error) for error in errors]
    alarm = next(signal for signal in signals if signal.alarm)
    assert alarm.since is not None
    assert signals[alarm.since - 1].verdict is Verdict.WARN


def test_after_no_errors_the_first_is_an_alarm_as_documented() -> None:
    state = Ddm().start()
    assert not any(state.update(0).alarm for _ in range(40))
    assert state.update(1).statistic == math.inf


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="warning"):
        Ddm(warning=4)
    with pytest.raises(BadInput, match="warmup"):
        Ddm(warmup=0)
