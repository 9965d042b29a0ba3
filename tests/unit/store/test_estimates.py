"""Estimates are kept by window and method, and given back as they were."""

from __future__ import annotations

import math

from msgspec.structs import replace

from watchkeeper.performance.metric import Metric
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.store import Store

ONE = Estimate(
    model="m",
    version="1",
    start=3600,
    end=7200,
    method="confidence",
    metrics={"auroc": Metric(value=0.8, low=0.7, high=0.9, n=50, estimated=True)},
    usual={"auroc": 0.81, "far": math.inf},
    taught=(9, 400),
    made_at=12.5,
    note="told",
)


def test_an_estimate_comes_back_as_it_was_put(store: Store) -> None:
    store.estimates.put([ONE, replace(ONE, start=7200, end=10_800), replace(ONE, version="2")])
    assert store.estimates.of("m", "1", 0, 7200) == [ONE]


def test_an_estimate_made_again_takes_the_place_of_the_one_before(store: Store) -> None:
    store.estimates.put([ONE, replace(ONE, method="loss model")])
    again = replace(ONE, metrics={}, note="no scores", made_at=20.0, end=9000)
    store.estimates.put([again])
    assert store.estimates.of("m", "1", 0, 7200, "confidence") == [again]
    assert [one.method for one in store.estimates.of("m", "1", 0, 7200)] == ["confidence", "loss model"]


def test_old_estimates_of_one_model_go(store: Store) -> None:
    store.estimates.put([ONE, replace(ONE, start=7200), replace(ONE, model="other")])
    assert store.estimates.expire("m", 7200) == 1
    assert [one.start for one in store.estimates.of("m", "1", 0, 1 << 40)] == [7200]
    assert store.estimates.of("other", "1", 0, 1 << 40)
