"""What weighted shares are worth, against the estimator written out and against repeated sampling."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.parts import Part, parts_of, share_of, worth, worths

LAYOUT = BinaryLayout(("0", "1"))


def test_the_variance_is_hajeks() -> None:
    rng = np.random.default_rng(0)
    hit, weight = rng.random(200) < 0.4, rng.uniform(1, 20, 200)
    hits = Part(hit.sum(), weight[hit].sum(), (weight[hit] ** 2).sum())
    whole = Part(200, weight.sum(), (weight**2).sum())
    p = weight[hit].sum() / weight.sum()
    variance = (weight**2 * (hit - p) ** 2).sum() / weight.sum() ** 2
    assert p * (1 - p) / worth(hits, whole) == pytest.approx(variance)


def test_equal_weights_are_worth_their_number() -> None:
    for w in (1.0, 7.0):
        hits, whole = Part(3, 3 * w, 3 * w * w), Part(10, 10 * w, 10 * w * w)
        assert worth(hits, whole) == pytest.approx(10)
    assert worths([Part(0, 0, 0), hits], [Part(0, 0, 0), whole]) == [pytest.approx(10)]
    assert share_of(Part(0, 0, 0), Part(0, 0, 0), "why").note == "why"
    assert share_of(whole, whole, "").low == pytest.approx(0.722, abs=0.001)


def test_parts_are_read_from_a_tally() -> None:
    weights = np.array([1.0, 2.0, 3.0])
    pairs = labelled.binary_pairs(np.array([0.1, 0.9, 0.9]), np.array([0, 1, 1]), weights=weights)
    tn, fp, fn, tp = parts_of(LAYOUT.cells, LAYOUT.tally(pairs).counts, "decision")
    assert (tn, tp) == (Part(1, 1, 1), Part(2, 5, 13))
    assert fp == fn == Part(0, 0, 0)
    assert tp.cut(2.5) == Part(1, 2.5, 6.5)


@pytest.mark.parametrize("name", ["accuracy", "precision", "recall", "f1", "roc_auc"])
def test_intervals_cover_where_doubtful_rows_are_labelled_more(name: str) -> None:
    """Rows near 0.5 are picked with chance 0.5, certain ones with 0.05."""
    scores, truth = labelled.binary_data(seed=3, n=200_000)
    exact = metrics(LAYOUT, LAYOUT.tally(labelled.binary_pairs(scores, truth)).counts)[name].value
    chance = np.where(np.abs(scores - 0.5) < 0.25, 0.5, 0.05)
    picked = np.random.default_rng(0).random(len(scores)) < chance
    pairs = labelled.binary_pairs(scores[picked], truth[picked], weights=1 / chance[picked])
    bounds = np.searchsorted(np.flatnonzero(picked), np.arange(0, 200_001, 1000))
    found = [metrics(LAYOUT, tally.counts)[name] for tally in LAYOUT.tally_groups(pairs, bounds)]
    assert exact is not None
    assert np.mean([(m.low or 0.0) <= exact <= (m.high or 0.0) for m in found]) >= 0.9
    assert np.mean([m.value for m in found if m.value is not None]) == pytest.approx(exact, abs=0.02)
