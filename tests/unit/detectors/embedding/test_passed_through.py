"""Vectors of few dimensions stay as they are."""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.embedding.passed_through import PassedThrough


def test_the_numbers_are_the_same_and_another_width_is_not_known() -> None:
    same = PassedThrough.fit([[1.0, 2], [3, 4]], np.random.default_rng(0))
    assert same.labels == ("[0]", "[1]")
    np.testing.assert_array_equal(same.transform([[5, 6], None, [7]]), [[5, 6], [np.nan] * 2, [np.nan] * 2])
