"""How far a rater agrees with people, against scikit-learn and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score, recall_score

from watchkeeper.monitors.agreement import agreement

RNG = np.random.default_rng(3)
TRUTH = RNG.choice(["0", "1", "2"], 200, p=[0.7, 0.2, 0.1])
SAID = np.where(RNG.random(200) < 0.8, TRUTH, RNG.choice(["0", "1", "2"], 200))


def test_classes() -> None:
    found = agreement(list(zip(SAID.tolist(), TRUTH.tolist(), strict=True)), regression=False)
    assert found.share is not None
    assert found.share.value == pytest.approx((SAID == TRUTH).mean())
    low, high = stats.binomtest(int((SAID == TRUTH).sum()), 200).proportion_ci(method="wilson")
    assert (found.share.low, found.share.high) == pytest.approx((low, high), abs=1e-6)
    assert found.kappa == pytest.approx(cohen_kappa_score(SAID, TRUTH))
    recalls = recall_score(TRUTH, SAID, average=None, labels=["0", "1", "2"])
    assert [found.by_class[name].value for name in "012"] == pytest.approx(recalls.tolist())
    assert found.words.startswith(f"The rater agrees with people on {(SAID == TRUTH).mean():.0%} (")
    assert "200 requests" in found.words
    assert "too few" not in found.words


def test_a_rater_that_always_says_the_frequent_class_is_found_out() -> None:
    found = agreement([("0", "0")] * 95 + [("0", "1")] * 5, regression=False)
    assert found.share is not None
    assert found.share.value == 0.95
    assert found.by_class["1"].value == 0
    assert found.kappa == pytest.approx(0)


def test_numbers() -> None:
    said, truth = RNG.normal(size=50), RNG.normal(size=50)
    found = agreement([(str(a), str(b)) for a, b in zip(said, truth, strict=True)], regression=True)
    gaps = np.abs(said - truth)
    low, high = stats.t.interval(0.95, 49, gaps.mean(), stats.sem(gaps))
    assert found.difference is not None
    assert (found.difference.value, found.difference.low, found.difference.high) == pytest.approx(
        (gaps.mean(), low, high)
    )
    assert "differ by" in found.words


def test_little_or_nothing_is_said_to_be_so() -> None:
    nobody = agreement([], regression=False)
    assert nobody.n == 0
    assert nobody.share is None
    assert "Nobody has checked" in nobody.words
    one = agreement([("1", "1")], regression=False)
    assert one.kappa is None
    assert "too few" in one.words
    assert "the one request" in agreement([("1", "2")], regression=True).words
