"""Embeddings side by side."""

from __future__ import annotations

import numpy as np

from watchkeeper.detectors.embedding.character_ngrams import CharacterNgrams
from watchkeeper.detectors.embedding.side_by_side import SideBySide
from watchkeeper.detectors.embedding.text_measures import TextMeasures


def test_columns_and_labels_follow_each_other() -> None:
    rng = np.random.default_rng(0)
    parts = TextMeasures.fit(["a b"], rng), CharacterNgrams.fit(["a b"], rng, dimensions=2)
    both = SideBySide(parts)
    assert both.labels == (".length", ".unseen_words", "[0]", "[1]")
    found = both.transform(["a", None])
    np.testing.assert_array_equal(found[:, 2:], parts[1].transform(["a", None]))
