"""What is counted of rewards."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.reward import RewardLayout


def test_zeros_count() -> None:
    pairs = labelled.reward_pairs(np.array([0.0, 0.0, 3.0, -1.0, 1e9]))
    layout = RewardLayout()
    counts = layout.tally(pairs).counts
    marks = {name: layout.cells.part(counts, name)[0] for name in ("zero", "negative", "clipped")}
    assert marks == {"zero": 2, "negative": 1, "clipped": 1}
    assert layout.cells.total(counts, "reward") == pytest.approx(3 - 1 + 128)


def test_the_scale_follows_the_reference() -> None:
    pairs = labelled.reward_pairs(np.random.default_rng(0).exponential(5e6, 500))
    layout = RewardLayout.fit(pairs)
    assert layout.cells.part(layout.tally(pairs).counts, "clipped")[0] == 0
