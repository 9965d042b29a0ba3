"""What few labels suggest."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.monitors.suspicion import Suspicion


def judged(spread: float = 0.04) -> Suspicion:
    mean = 0.2 + np.random.default_rng(0).normal(0, spread, 30)
    return Suspicion(BlockLosses(mean, np.full(30, 500.0), 0.16))


def test_it_grows_with_the_loss_and_with_the_labels() -> None:
    suspicion = judged()
    few = [suspicion.update(suspicion.start(), loss, 20, 500)[1] for loss in (0.1, 0.2, 0.3, 0.5)]
    assert few == sorted(few)
    assert few[0] < 0.1
    assert suspicion.update(suspicion.start(), 0.5, 200, 500)[1] > 0.99
    assert suspicion.update(suspicion.start(), 0.2, 200, 500)[1] < 0.05


def test_the_line_is_a_fifth_and_two_standard_deviations() -> None:
    assert judged(0.001).line == pytest.approx(1.2 * judged(0.001).ordinary)
    wide = judged(0.1)
    assert wide.line == pytest.approx(wide.ordinary + 2 * wide.spread)


def test_without_labels_belief_fades() -> None:
    suspicion = judged()
    level, high = suspicion.update(suspicion.start(), 0.5, 200, 500)
    for _ in range(12):
        level, last = suspicion.update(level, float("nan"), 0, 500)
    assert last < high / 2


def test_too_few_blocks_are_refused() -> None:
    with pytest.raises(BadInput, match="8 are needed"):
        Suspicion(BlockLosses(np.full(7, 0.2), np.full(7, 10.0), 0.1))
