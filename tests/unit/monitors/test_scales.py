from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.scales import Scale


def test_scores_of_unlike_tails_become_comparable() -> None:
    scores = np.exp(np.random.default_rng(0).normal(size=(400, 2)) * [0.2, 0.6] + [0.0, 2.0])
    logs = np.log(Scale.of(scores).units(scores))
    assert logs.mean(0).tolist() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert abs(np.diff(np.quantile(logs, 0.97, axis=0))[0]) < abs(np.diff(np.quantile(scores, 0.97, axis=0))[0])


def test_a_block_is_left_out_of_its_own_size() -> None:
    scores = np.random.default_rng(1).uniform(0.5, 1.5, (12, 3))
    left = Scale.left_out(scores)
    for k in range(12):
        alone = Scale.of(np.delete(scores, k, 0)).units(scores[[k]])[0]
        assert left[k].tolist() == pytest.approx(alone.tolist(), rel=1e-9)


def test_units_go_back_to_scores() -> None:
    scale = Scale.of(np.random.default_rng(2).uniform(0.5, 1.5, (12, 4)))
    assert scale.score(scale.units(np.array([[2.0, 3.0, 1.0, 5.0]]))[0]).tolist() == pytest.approx([2.0, 3.0, 1.0, 5.0])
