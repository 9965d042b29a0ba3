"""The e-detector over windows: both directions, the widened null, the threshold for many features."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.window_shift import WindowShift
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


def first_alarm(policy: WindowShift, shifts: np.ndarray, error: float) -> int | None:
    state = policy.start()
    return next((s.position for s in (state.update(shift, error) for shift in shifts) if s.alarm), None)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_small_shift_that_stays_is_found_either_way(sign: int) -> None:
    """0.1 sd at n = 1,000 with a reference of 10,000 rows, as rank shift: 200 runs have a median of 14 windows."""
    rng = np.random.default_rng(0)
    error, reference_error = 0.289 / np.sqrt(1000), 0.289 / np.sqrt(10_000)
    policy = WindowShift(
        floor=0.01, reference_error=reference_error, sizes=(0.01, 0.02, 0.04, 0.08), features=100, run_length=720
    )
    delays = []
    for _ in range(41):
        centre = sign * 0.0282 + rng.normal(0, reference_error)
        delays.append(first_alarm(policy, rng.normal(centre, error, 200), error) or 200)
    assert np.median(delays) <= 20


def test_an_error_of_the_reference_that_is_allowed_for_never_alarms() -> None:
    rng = np.random.default_rng(1)
    policy = WindowShift(reference_error=0.1, run_length=1000)
    assert first_alarm(policy, rng.normal(0.2, 1, 1000), 1.0) is None
    blind = WindowShift(reference_error=0.0, run_length=1000)
    assert first_alarm(blind, rng.normal(0.2, 1, 1000), 1.0) is not None


def test_the_threshold_is_features_times_run_length() -> None:
    state = WindowShift(features=100, run_length=720).start()
    assert state.update(0.0).threshold == 72_000


def test_it_starts_anew_after_an_alarm_and_names_the_direction() -> None:
    state = WindowShift(run_length=10).start()
    alarm = state.update(-6.0)
    assert alarm.alarm
    assert alarm.note == "down"
    assert state.update(0.0).verdict is Verdict.OK


def test_a_window_without_an_error_is_refused_or_not_computable() -> None:
    state = WindowShift().start()
    with pytest.raises(BadInput, match="above 0"):
        state.update(1.0, 0.0)
    assert state.update(1.0, float("nan")).verdict is Verdict.NOT_COMPUTABLE


def test_parameters_are_checked() -> None:
    for wrong in ({"floor": -1.0}, {"sizes": ()}, {"features": 0}):
        with pytest.raises(BadInput):
            WindowShift(**wrong)
