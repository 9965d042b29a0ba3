"""EDDM: distances between errors and their levels."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.eddm import Eddm
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


def test_mean_and_spread_of_the_distances() -> None:
    errors = np.random.default_rng(0).random(400) < 0.2
    state = Eddm(warmup=1000).start()
    for error in errors:
        state.update(error)
    distances = np.diff(np.flatnonzero(np.concatenate([[True], errors])))
    assert state.mean == pytest.approx(distances.mean())
    assert state.squares / (len(distances) - 1) == pytest.approx(distances.var(ddof=1))


def test_errors_that_come_closer_warn_and_alarm() -> None:
    errors = ([0] * 9 + [1]) * 60 + ([0] * 1 + [1]) * 200
    state = Eddm().start()
    signals = [state.update(error) for error in errors]
    assert not any(signal.alarm for signal in signals[:600])
    first_warning = next(s for s in signals if s.verdict is Verdict.WARN)
    alarm = next(s for s in signals if s.alarm)
    assert 600 < first_warning.position < alarm.position
    assert alarm.since == first_warning.position
    assert signals[alarm.position].verdict is Verdict.NOT_ENOUGH_DATA


def test_between_errors_the_last_answer_stands() -> None:
    state = Eddm(warmup=2).start()
    answers = [state.update(value) for value in (1, 0, 1, 0, 1, 0, 1)]
    after = state.update(0)
    assert (after.verdict, after.statistic) == (answers[-1].verdict, answers[-1].statistic)


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="drift"):
        Eddm(drift=0.99, warning=0.9)
