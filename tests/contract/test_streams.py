"""What every sequential detector promises, run over each of them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterable

import numpy as np
import pytest

from watchkeeper.detectors.streams.registry import STREAM_DETECTORS, StreamDetector, Takes
from watchkeeper.detectors.streams.signal import Signal, Stream
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict

Values = np.ndarray


@pytest.fixture(params=STREAM_DETECTORS)
def detector(request: pytest.FixtureRequest) -> StreamDetector:
    return STREAM_DETECTORS[request.param]


def start(detector: StreamDetector) -> Stream:
    return detector.start(np.random.default_rng(7))


def ordinary(detector: StreamDetector, rng: np.random.Generator, n: int = 600) -> Values:
    if detector.takes in (Takes.ERRORS, Takes.LOSSES):
        return (rng.random(n) < 0.1).astype(float)
    return rng.random(n) if detector.takes is Takes.NUMBERS else rng.normal(size=n)


def changed(detector: StreamDetector, rng: np.random.Generator, n: int = 600) -> Values:
    if detector.takes in (Takes.ERRORS, Takes.LOSSES):
        return (rng.random(n) < 0.6).astype(float)
    return ordinary(detector, rng, n) + 2.0


def run(state: Stream, values: Iterable[float]) -> list[Signal]:
    return [state.update(value) for value in values]


def test_a_large_change_is_found(detector: StreamDetector) -> None:
    rng = np.random.default_rng(0)
    signals = run(start(detector), [*ordinary(detector, rng), *changed(detector, rng)])
    found = [signal for signal in signals[600:] if signal.alarm]
    assert found
    assert found[0].since is not None
    assert 1 <= found[0].since <= found[0].position


def test_positions_count_and_the_input_is_unchanged(detector: StreamDetector) -> None:
    values = ordinary(detector, np.random.default_rng(1))
    before = values.copy()
    signals = run(start(detector), values)
    np.testing.assert_array_equal(values, before)
    assert [signal.position for signal in signals] == list(range(1, 601))
    assert all(signal.threshold == signals[0].threshold for signal in signals)


def test_the_same_values_and_seed_give_the_same_answers(detector: StreamDetector) -> None:
    rng = np.random.default_rng(2)
    values = [*ordinary(detector, rng), *changed(detector, rng, 200)]
    assert run(start(detector), values) == run(start(detector), values)


@pytest.mark.parametrize("kept", [copy.deepcopy, lambda state: pickle.loads(pickle.dumps(state))])
def test_a_state_that_was_kept_goes_on_as_if_nothing_happened(detector: StreamDetector, kept: object) -> None:
    rng = np.random.default_rng(3)
    first, rest = ordinary(detector, rng, 300), changed(detector, rng, 300)
    state = start(detector)
    run(state, first)
    other = kept(state)  # type: ignore[operator]
    assert run(other, rest) == run(state, rest)


def test_a_missing_value_is_not_computable_and_changes_nothing(detector: StreamDetector) -> None:
    values = [*ordinary(detector, np.random.default_rng(4), 200), *changed(detector, np.random.default_rng(5), 200)]
    with_gaps, without = start(detector), start(detector)
    answers = []
    for index, value in enumerate(values):
        if index % 3 == 0:
            gap = with_gaps.update(float("nan"))
            assert gap.verdict is Verdict.NOT_COMPUTABLE
            assert gap.note
        answers.append(with_gaps.update(value))
    expected = run(without, values)
    assert [(a.verdict, a.statistic) for a in answers] == [(e.verdict, e.statistic) for e in expected]


@pytest.mark.parametrize("value", ["high", None, [0.5]])
def test_what_is_no_number_is_refused_and_spoils_nothing(detector: StreamDetector, value: object) -> None:
    state = start(detector)
    with pytest.raises(BadInput):
        state.update(value)  # type: ignore[arg-type]
    assert not state.update(0.0).alarm


def test_a_constant_never_alarms(detector: StreamDetector) -> None:
    assert not any(signal.alarm for signal in run(start(detector), [0.0] * 2000))
    if detector.takes is Takes.NUMBERS:
        for level in (0.1, -1e9, 1e-300):
            assert not any(signal.alarm for signal in run(start(detector), [level] * 500))


def test_one_value_is_never_enough_to_alarm(detector: StreamDetector) -> None:
    signal = start(detector).update(1.0)
    assert signal.verdict in (Verdict.OK, Verdict.NOT_ENOUGH_DATA)
    assert np.isfinite(signal.statistic)


def test_one_huge_value_gives_no_storm(detector: StreamDetector) -> None:
    if detector.takes in (Takes.ERRORS, Takes.LOSSES):
        pytest.skip("takes values from 0 to 1 only")
    values = ordinary(detector, np.random.default_rng(6), 400)
    values[200] = 1e12
    assert sum(signal.alarm for signal in run(start(detector), values)) <= 5
