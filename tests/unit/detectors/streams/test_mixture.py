"""The sum over starts, against the sum written out."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.streams.mixture import mixture


def test_it_is_the_sum_of_products_over_all_starts() -> None:
    logs = np.random.default_rng(0).normal(0, 0.3, (40, 3))
    sums = mixture(3)
    for end in range(1, 41):
        found, _ = sums.update(logs[end - 1].tolist(), end)
        products = [np.exp(logs[start:end].sum(0)) for start in range(end)]
        assert found == pytest.approx(np.sum(products, 0).mean())


def test_the_last_zero_is_where_the_best_product_starts() -> None:
    sums = mixture(1)
    for position, log in enumerate([-1.0, -1.0, 0.5, 0.5, 0.5], 1):
        _, zero = sums.update([log], position)
    assert zero == 2


def test_a_restart_forgets() -> None:
    sums = mixture(2)
    sums.update([3.0, 1.0], 1)
    sums.restart(1)
    assert sums.update([0.0, 0.0], 2) == (1.0, 2)


def test_a_huge_factor_is_held_back() -> None:
    sums = mixture(1)
    found, _ = sums.update([1e6], 1)
    assert found == pytest.approx(np.exp(50))
    assert sums.update([-1e9], 2)[0] == 0.0
