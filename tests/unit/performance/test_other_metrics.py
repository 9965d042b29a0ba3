"""Metrics of rankings and rewards."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.metrics import metrics


def test_rankings_leave_out_queries_without_a_relevant_item() -> None:
    pairs, _, relevance = labelled.ranking_pairs()
    layout = layout_for("ranking")
    found = metrics(layout, layout.tally(pairs).counts)
    first = [int(np.flatnonzero(r > 0)[0]) + 1 for r in pairs.relevance if r.any()]
    assert found["mrr"].value == pytest.approx(np.mean(1 / np.array(first)), abs=1e-6)
    assert found["hit_rate_at_3"].value == np.mean(np.array(first) <= 3)
    assert found["mrr"].n == sum(bool(r.any()) for r in relevance) == 54
    assert found["mrr"].note == "queries left out for want of a relevant item: 6"


def test_only_barren_queries_have_no_metric() -> None:
    pairs, _, _ = labelled.ranking_pairs()
    layout = layout_for("ranking")
    barren = pairs.take(np.array([not r.any() for r in pairs.relevance]))
    assert metrics(layout, layout.tally(barren).counts)["mrr"].note == "no query has a relevant item"


def test_zero_rewards_count() -> None:
    layout = layout_for("reward")
    found = metrics(layout, layout.tally(labelled.reward_pairs(np.array([0.0, 0.0, 3.0, -1.0]))).counts)
    assert found["mean_reward"].value == pytest.approx(0.5)
    assert (found["zero_reward_rate"].value, found["negative_reward_rate"].value) == (0.5, 0.25)
    far = metrics(layout, layout.tally(labelled.reward_pairs(np.array([1e9, 0.0]))).counts)
    assert "count as bounds: 1" in far["mean_reward"].note
