"""A random sample that is always the same one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from watchkeeper.performance.sampling import draw, lowest, place_of

IDS = st.sets(st.text("0123456789abcdef-", min_size=1, max_size=12), min_size=1, max_size=60)


@given(IDS, st.integers(0, 20), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_it_merges_by_union_in_any_order(ids: set[str], size: int, random: st.DataObject) -> None:
    names = sorted(ids)
    random.shuffle(names)  # type: ignore[attr-defined]
    half = len(names) // 2
    parts = lowest(names[:half], size) + lowest(names[half:], size)
    assert lowest(parts, size) == lowest(names, size)
    assert lowest(names, size) == lowest(names, size + 5)[:size]


def test_places_are_even_and_keep_from_version_to_version() -> None:
    places = [place_of(f"prediction {k}") for k in range(5000)]
    assert stats.kstest(places, "uniform").pvalue > 0.001
    assert place_of("0192f0c1-0000-7000-8000-000000000000") == 0.808344292260549


def test_the_chance_is_what_it_says() -> None:
    """Over many blocks each row is drawn as often as its recorded chance, in both stages."""
    rng = np.random.default_rng(0)
    first, second = np.zeros(50), np.zeros(50)
    for block in range(2000):
        ids = [f"{block}-{k}-{rng.integers(1 << 40)}" for k in range(50)]
        one, two = draw(ids, 50, 10), draw(ids, 50, 30, after=10)
        assert not {d.prediction_id for d in one} & {d.prediction_id for d in two}
        assert one[0].probability == 0.2
        assert two[0].probability == 0.5
        for found, into in ((one, first), (two, second)):
            for drawn in found:
                into[ids.index(drawn.prediction_id)] += 1
    np.testing.assert_allclose(first / 2000, 0.2, atol=0.05)
    np.testing.assert_allclose(second / 2000, 0.5 * 0.8, atol=0.06)


def test_a_small_block_is_drawn_whole() -> None:
    assert [d.probability for d in draw(["a", "b"], 2, 20)] == [1.0, 1.0]
    assert draw(["a", "b"], 2, 20, after=2) == []
    assert draw([], 0, 20) == []
