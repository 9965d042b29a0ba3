"""The pieces that every embedding uses."""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.embedding.embedding import Embedding, numbered, spread_out
from watchkeeper.detectors.embedding.passed_through import PassedThrough


def test_labels_are_numbered_from_0() -> None:
    assert numbered(3) == ("[0]", "[1]", "[2]")


def test_what_is_not_known_is_nan_throughout() -> None:
    full = spread_out(np.array([True, False, True]), np.array([[1.0, 2], [3, 4]]))
    np.testing.assert_array_equal(full, [[1, 2], [np.nan, np.nan], [3, 4]])


def test_an_embedding_is_told_from_a_function() -> None:
    assert isinstance(PassedThrough(2), Embedding)
    assert not isinstance(len, Embedding)
