"""Values are read one way everywhere: a missing one is evidence of nothing, nonsense is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.detectors.streams.signal import Signal, missing, read, read_error, read_loss, require
from watchkeeper.events.errors import BadInput
from watchkeeper.events.verdict import Verdict


@pytest.mark.parametrize("value", [1, 1.0, True, np.float32(1), np.bool_(True), np.int8(1)])
def test_anything_that_is_a_number_is_read(value: Any) -> None:
    assert read(value) == 1.0
    assert read_loss(value) == 1.0
    assert read_error(value) is True


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf])
def test_a_missing_value_is_none(value: float) -> None:
    assert read(value) is None
    assert read_loss(value) is None
    assert read_error(value) is None


@pytest.mark.parametrize("value", ["0.5", b"1", None, [1, 2], np.zeros(2), object()])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="numbers"):
        read(value)


def test_losses_and_errors_have_their_range() -> None:
    with pytest.raises(BadInput, match="between 0 and 1"):
        read_loss(1.5)
    with pytest.raises(BadInput, match="right"):
        read_error(0.5)
    assert read_error(0) is False


def test_only_an_alarm_is_an_alarm() -> None:
    assert Signal(position=1, verdict=Verdict.ALARM).alarm
    assert not Signal(position=1, verdict=Verdict.WARN).alarm
    assert missing(7, 2.0).verdict is Verdict.NOT_COMPUTABLE
    assert missing(7, 2.0).position == 7


def test_a_parameter_that_cannot_be_is_refused() -> None:
    require(True, "never said")
    with pytest.raises(BadInput, match="said"):
        require(False, "said")
