from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.relations import MOST, SHRINKAGE, Relations

OWNER = np.repeat(np.arange(5), 3)


def test_what_is_unexplained_is_that_of_the_normal_law_given_the_other_columns() -> None:
    rng = np.random.default_rng(0)
    z, window = np.clip(rng.normal(size=(14, 15)), -MOST, MOST), np.clip(rng.normal(size=15), -MOST, MOST)
    covariance = (1 - SHRINKAGE) * z.T @ z / 14 + SHRINKAGE * np.eye(15)
    others = OWNER != 2
    slope = covariance[~others][:, others] @ np.linalg.inv(covariance[others][:, others])
    left = window[~others] - slope @ window[others]
    variance = covariance[~others][:, ~others] - slope @ covariance[others][:, ~others]
    found = Relations.fit(z, OWNER).unexplained(window[None])[0, ~others]
    assert found.tolist() == pytest.approx((left / np.sqrt(np.diag(variance))).tolist(), rel=1e-9)


def test_a_column_that_moves_without_its_companions_stands_out() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(28, 1)) + 0.1 * rng.normal(size=(28, 15))
    together, alone = np.full((1, 15), 1.5), np.zeros((1, 15))
    alone[0, 6:9] = 1.5
    relations = Relations.fit(z, OWNER)
    assert np.abs(relations.unexplained(together)).max() < 0.6
    assert np.abs(relations.unexplained(alone))[0, 6:9].min() > 2.0


def test_an_outage_of_one_column_says_little_of_another() -> None:
    z = np.random.default_rng(2).normal(size=(28, 15))
    far, farther = np.zeros((1, 15)), np.zeros((1, 15))
    far[0, 0], farther[0, 0] = MOST, 1000.0
    relations = Relations.fit(z, OWNER)
    assert relations.unexplained(farther)[0, 3:].tolist() == relations.unexplained(far)[0, 3:].tolist()
