"""Stream detectors by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.detectors.streams.named import stream
from watchkeeper.detectors.streams.registry import STREAM_DETECTORS
from watchkeeper.events.errors import BadInput


@pytest.mark.parametrize("name", STREAM_DETECTORS)
def test_every_one_starts_at_its_defaults_as_the_registry_does(name: str) -> None:
    rngs: list[Any] = [np.random.default_rng(0)] if name == "kswin" else []
    mine, other = stream(name).start(*rngs), STREAM_DETECTORS[name].start(np.random.default_rng(0))
    values = [float(i % 2) for i in range(50)]
    assert [mine.update(value) for value in values] == [other.update(value) for value in values]


def test_parameters_are_those_of_the_policy() -> None:
    state = stream("cusum", mean=10, sd=2, h=4).start()
    assert not state.update(10.0).alarm
    assert state.update(30.0).alarm


@pytest.mark.parametrize(
    ("name", "parameters", "says"),
    [("adwyn", {}, "no stream detector"), ("adwin", {"dleta": 1}, "no parameter"), ("adwin", {"delta": 2}, "delta")],
)
def test_what_is_unknown_is_refused(name: str, parameters: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        stream(name, **parameters)
