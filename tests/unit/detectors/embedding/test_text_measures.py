"""Length, and new words measured alike on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.embedding.text_measures import TextMeasures

WORDS = np.array([f"w{i}" for i in range(4000)])
LAW = 1 / np.arange(1, 4001)
LAW = LAW / LAW.sum()


def some(n: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 8, p=LAW)) for _ in range(n)]


def test_length_in_characters_and_share_of_new_words() -> None:
    rng = np.random.default_rng(0)
    measures = TextMeasures.fit(["red blue", "blue red", "red", "blue", "red blue red", "blue blue", "red red"], rng)
    found = measures.transform(["red green", "", None, "blue", "ÄÖ"])
    assert found[:, 0] == pytest.approx([9, 0, np.nan, 4, 2], nan_ok=True)
    assert found[:, 1] == pytest.approx([0.5, 0, np.nan, 0, 1], nan_ok=True)


def test_the_texts_that_made_the_vocabulary_have_as_many_new_words_as_others() -> None:
    """With a naive vocabulary the reference has none at all; here both sides are measured alike."""
    reference, fresh = some(1500, 1), some(1500, 2)
    measures = TextMeasures.fit(reference, np.random.default_rng(0))
    own, other = measures.transform(reference)[:, 1], measures.transform(fresh)[:, 1]
    assert own.mean() > 0.01
    assert stats.ttest_ind(own, other).pvalue > 0.01


def test_new_words_are_seen() -> None:
    measures = TextMeasures.fit(some(1000, 1), np.random.default_rng(0))
    moved = [f"{text} mañana" for text in some(200, 3)]
    gap = measures.transform(moved)[:, 1].mean() - measures.transform(some(200, 3))[:, 1].mean()
    assert gap == pytest.approx(1 / 9, abs=0.02)
