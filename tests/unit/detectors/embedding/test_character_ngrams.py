"""Hashed n-grams against a dictionary of them, and what their projections are worth."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.detectors.embedding.character_ngrams import CharacterNgrams, hashed_runs
from watchkeeper.events.errors import BadInput

RNG = np.random.default_rng(0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=6), st.integers(1, 4))
def test_equal_runs_share_a_bucket_and_none_crosses_texts(read: list[str], length: int) -> None:
    owner, bucket = hashed_runs(read, length)
    expected = []
    for i, text in enumerate(read):
        padded = f" {text.lower()} "
        expected += [(i, padded[at : at + length]) for at in range(len(padded) - length + 1)]
    assert owner.tolist() == [i for i, _ in expected]
    known: dict[str, int] = {}
    for (_, run), place in zip(expected, bucket.tolist(), strict=True):
        assert known.setdefault(run, place) == place


def test_buckets_are_used_evenly() -> None:
    runs = ["".join(RNG.choice(list("abcdefghijklmnop"), 3)) for _ in range(4000)]
    distinct = sorted(set(runs))
    _, bucket = hashed_runs(distinct, 5)  # one run a text
    assert max(Counter(bucket.tolist()).values()) <= 9
    assert len(set(bucket.tolist())) > 0.9 * 4096 * (1 - np.exp(-len(distinct) / 4096))


def test_a_text_has_length_one_before_it_is_projected() -> None:
    ngrams = CharacterNgrams.fit([], RNG, dimensions=4000)
    norms = np.linalg.norm(ngrams.transform(["hello world", "aaaaaaa", "x"]), axis=1)
    np.testing.assert_allclose(norms / np.sqrt(4000), 1, atol=0.1)


def test_words_alike_are_close_and_case_is_ignored() -> None:
    ngrams = CharacterNgrams.fit([], RNG, dimensions=256)
    one, same, near, far = ngrams.transform(["the cat sat", "The CAT sat", "the cat sits", "04/11/1998"])
    np.testing.assert_array_equal(one, same)
    assert np.linalg.norm(one - near) < 0.8 * np.linalg.norm(one - far)


def test_gaps_and_empty_texts() -> None:
    found = CharacterNgrams.fit([], RNG).transform([None, "", "a\ud800"])
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1:]).all()


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="dimensions"):
        CharacterNgrams.fit([], RNG, length=0)
