"""What is counted of rankings agrees with scikit-learn."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.ranking import CUTS, RankingLayout, gain

LAYOUT = RankingLayout()


def test_ndcg_agrees_with_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    pairs, scores, relevance = labelled.ranking_pairs()
    counts = LAYOUT.tally(pairs).counts
    for k in CUTS:
        expected = sum(sklearn.ndcg_score([r], [s], k=k) for r, s in zip(relevance, scores, strict=True) if r.any())
        assert LAYOUT.cells.total(counts, f"ndcg_at_{k}") == pytest.approx(expected, abs=1e-6)
    assert LAYOUT.cells.part(counts, "barren")[0] == 6


def test_one_query_by_hand() -> None:
    """Relevances 0, 2, 0, 1 in the model's order."""
    assert gain(np.array([0.0, 2.0, 0.0, 1.0]), 4) == pytest.approx(2 / np.log2(3) + 1 / np.log2(5))
    from watchkeeper.performance.ranking import _measures

    found = dict(zip(LAYOUT.measures, _measures(np.array([0.0, 2.0, 0.0, 1.0])), strict=True))
    assert found["mrr"] == 0.5
    assert (found["hit_rate_at_1"], found["hit_rate_at_3"]) == (0, 1)
    assert (found["map_at_1"], found["map_at_3"], found["map_at_10"]) == (0, 0.25, 0.5)
