"""The divergence of realised from predicted classes."""

import numpy as np
import pytest
from scipy import stats

from watchkeeper.performance.divergence import divergence
from watchkeeper.performance.metric import Basis

BASIS = Basis(3000, 3000, 3000)


def test_it_is_kullback_and_leiblers() -> None:
    confusion = np.array([[900.0, 300, 100], [200, 800, 100], [100, 100, 400]])
    found = divergence(confusion, BASIS)
    assert found.value == pytest.approx(stats.entropy(confusion.sum(1), confusion.sum(0)), abs=1e-4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high  # type: ignore[operator]


def test_a_class_never_predicted_stays_finite() -> None:
    found = divergence(np.array([[10.0, 0.0], [5.0, 0.0]]), Basis(15, 15, 15))
    assert found.value is not None
    assert 0.1 < found.value < 2


def test_agreement_is_zero_and_nothing_is_none() -> None:
    assert divergence(np.array([[5.0, 5.0], [5.0, 5.0]]), BASIS).value == 0
    assert divergence(np.zeros((2, 2)), BASIS).value is None


def test_the_interval_covers() -> None:
    shares = np.array([[0.5, 0.2], [0.05, 0.25]])
    truth = stats.entropy(shares.sum(1), shares.sum(0))
    found = [
        divergence(table.reshape(2, 2).astype(float), Basis(500, 500, 500))
        for table in np.random.default_rng(0).multinomial(500, shares.ravel(), 300)
    ]
    assert 0.91 <= np.mean([(m.low or 0.0) <= truth <= (m.high or 0.0) for m in found]) <= 0.99
