"""KSWIN: its gap and p-value are scipy's, and its draws are the generator's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.streams.kswin import Kswin, gap_p_value
from watchkeeper.events.errors import BadInput


def test_the_p_value_is_the_exact_one_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for r in (5, 12, 30):
        for shift in (0.0, 0.5, 2.0):
            a, b = rng.normal(size=r), rng.normal(shift, 1, r)
            expected = stats.ks_2samp(a, b, method="exact")
            assert gap_p_value(round(expected.statistic * r), r) == pytest.approx(expected.pvalue, rel=1e-9)


def test_the_gap_is_scipys_with_and_without_ties() -> None:
    for decimals in (8, 0):
        values = np.random.default_rng(1).normal(size=60).round(decimals)
        state = Kswin(window=60, alpha=1e-9).start(np.random.default_rng(2))
        last = [state.update(value) for value in values][-1]
        older = values[:30][np.random.default_rng(2).choice(30, 30, replace=False)]
        assert last.statistic == pytest.approx(stats.ks_2samp(older, values[30:]).statistic)


def test_a_changed_spread_is_seen_and_the_old_values_go() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(0, 1, 300), rng.normal(0, 20, 100)])
    state = Kswin(alpha=0.001).start(rng)
    alarm = next(signal for signal in map(state.update, values) if signal.alarm)
    assert 301 <= alarm.position <= 400
    assert alarm.since == alarm.position - 29
    assert len(state.values) == 30


def test_a_level_that_no_gap_can_reach_never_alarms() -> None:
    state = Kswin(alpha=1e-9, recent=5, window=10).start(np.random.default_rng(0))
    signals = [state.update(value) for value in [0.0] * 20 + [9.0] * 20]
    assert not any(signal.alarm for signal in signals)


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="twice"):
        Kswin(window=50, recent=30)
    assert gap_p_value(0, 10) == 1.0
