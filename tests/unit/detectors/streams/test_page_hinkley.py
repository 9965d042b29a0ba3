"""Page-Hinkley against its sums written out."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.page_hinkley import PageHinkley
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


def test_the_statistic_is_the_sum_less_its_lowest() -> None:
    values = np.random.default_rng(0).normal(size=200)
    state = PageHinkley(alpha=1.0, direction="up", delta=0.1).start()
    found = [state.update(value).statistic for value in values]
    means = np.cumsum(values) / np.arange(1, 201)
    sums = np.cumsum(values - means - 0.1)
    np.testing.assert_allclose(found, sums - np.minimum.accumulate(sums), atol=1e-9)


@pytest.mark.parametrize(("direction", "step", "found"), [
    ("both", 2, True), ("both", -2, True), ("up", 2, True), ("up", -2, False), ("down", -2, True), ("down", 2, False),
])  # fmt: skip
def test_directions(direction: str, step: float, found: bool) -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 0.2, 300), rng.normal(step, 0.2, 60)])
    state = PageHinkley(direction=direction, delta=0.1).start()
    alarms = [signal for signal in map(state.update, values) if signal.alarm]
    assert bool(alarms) is found
    if found:
        assert alarms[0].since == pytest.approx(301, abs=15)


def test_it_starts_anew_after_an_alarm() -> None:
    state = PageHinkley(warmup=5, threshold=3).start()
    signals = [state.update(value) for value in [0.0] * 20 + [5.0] * 20]
    alarm = next(index for index, signal in enumerate(signals) if signal.alarm)
    assert signals[alarm + 1].verdict is Verdict.NOT_ENOUGH_DATA
    assert signals[alarm + 1].statistic == 0.0
    assert not any(signal.alarm for signal in signals[alarm + 1 :])


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="up, down, both"):
        PageHinkley(direction="sideways")
    with pytest.raises(BadInput, match="threshold"):
        PageHinkley(threshold=0)
