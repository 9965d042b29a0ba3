"""How labels are read and predictions scored, task by task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.feedback import item
from tests.helpers.watching import SCHEMA, START, columns, reference, register, watched_store
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema
from watchkeeper.store.versions import ModelSettings, Version
from watchkeeper.watch.precedence import Prediction
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.scoring import Scorer, Scorers, bucket_width, scored, scorer_of
from watchkeeper.watch.settling import Change, Reward


def version(task: str, schema: Schema = SCHEMA) -> Version:
    return Version(
        model="m", version="1", task=task, artifact_digest="", runtime="", schema=schema, reference_digest=""
    )


def binary() -> Scorer:
    return scorer_of(version("binary"), reference(), None)


def test_classes_come_from_the_schema_or_are_zero_and_one() -> None:
    assert binary().classes == ("0", "1")
    label = Feature(name="label", type=FeatureType.CATEGORICAL, categories=("no", "yes"))
    named = Schema(features=SCHEMA.features, outputs=(*SCHEMA.outputs, label))
    assert scorer_of(version("binary", named), reference(), None).classes == ("no", "yes")


def test_a_layout_that_was_kept_is_used_again() -> None:
    kept = Scorer("binary", ("a", "b"), layout_for("binary", ("a", "b")), DelayLayout(("a", "b"))).kept()
    again = scorer_of(version("binary"), reference(), kept)
    assert (again.classes, again.fresh, binary().fresh) == (("a", "b"), False, True)
    assert again.delays.groups == ("a", "b")
    assert again.kept() == kept


def test_a_model_without_classes_is_not_scored() -> None:
    scorer = scorer_of(version("multiclass"), reference(), None)
    assert scorer.layout is None
    assert not scorer.scorable(pa.table({"output.label": ["a"]})).any()


def test_a_version_that_is_registered_later_is_scored_whoever_read_of_it_first(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    registry = Registry(store)
    scorers = Scorers(store, registry)
    registry.refresh()
    assert scorers.of("flights", "2").layout is None
    register(store, version="2")
    registry.refresh()  # of a pass that shares the registry
    assert scorers.of("flights", "2").layout is not None
    store.close()


def test_a_regression_is_counted_around_what_its_reference_predicted() -> None:
    rng = np.random.default_rng(0)
    schema = Schema(features=SCHEMA.features[:1], outputs=(Feature(name="prediction", type=FeatureType.NUMERIC),))
    known = compile_reference(
        pa.table({"distance": columns(2000, rng)[0]}), schema, task="regression",
        outputs=pa.table({"prediction": rng.normal(5000.0, 100.0, 2000)}),
    )  # fmt: skip
    scorer = scorer_of(version("regression", schema), known, None)
    assert scorer.layout is not None
    assert scorer.layout.to_dict() != layout_for("regression").to_dict()
    outputs = pa.table({"output.prediction": [1.0, None, float("nan")]})
    assert scorer.scorable(outputs).tolist() == [True, False, False]


def test_values_are_read_by_kind() -> None:
    scorer = binary()
    assert scorer.read(item("p", 1.0)) == "1"
    assert scorer.read(item("p", 2.5, "reward")) == 2.5
    assert scorer.read(item("p", 1.0, "decision")) == "1"
    assert scorer.read(item("p", "deny", "decision")) == "deny"
    for wrong in (
        item("p", 3.0),
        item("p", "x", "reward"),
        item("p", float("inf"), "reward"),
        item("p", 1e300, "reward"),
    ):
        with pytest.raises(BadInput):
            scorer.read(wrong)


def test_buckets_are_hours_or_what_divides_a_window() -> None:
    assert bucket_width(ModelSettings(window_seconds=86_400)) == 3600
    assert bucket_width(ModelSettings(bucket_seconds=60, window_seconds=900)) == 900
    assert bucket_width(ModelSettings(bucket_seconds=60, window_seconds=5400)) == 1800


def test_changes_of_many_buckets_and_routes_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(2)
    scorer, n = binary(), 60
    assert scorer.layout is not None
    outputs = pa.table({"output.probability": rng.random(n)})
    at = (START + rng.integers(0, 4 * 3600, n)) * 1_000_000
    routes = rng.choice(["live", "canary"], n)
    known = {k: Prediction(k, str(k), "1", str(routes[k]), int(at[k]), int(at[k]), True) for k in range(n)}
    changes = [Change(k, str(k % 2), 1) for k in range(n)] + [
        change
        for k in range(0, n, 3)
        for change in (Change(k, str(k % 2), -1, correction=True), Change(k, str(1 - k % 2), 1, correction=True))
    ]
    rewards = [Reward(0, 5), Reward(0, 7), Reward(0, 0), Reward(0, 0), Reward(0, -5, sign=-1), Reward(0, 0, sign=-1)]
    found = scored(scorer, outputs, known, changes, rewards, width=3600)
    truth = [str(1 - k % 2) if k % 3 == 0 else str(k % 2) for k in range(n)]
    for (route, start), bucket in found.items():
        rows = [k for k in range(n) if routes[k] == route and at[k] // 3_600_000_000 * 3600 == start]
        one = Pairs.of("binary", ("0", "1"), outputs.take(pa.array(rows)), [truth[k] for k in rows])
        first = Pairs.of("binary", ("0", "1"), outputs.take(pa.array(rows)), [str(k % 2) for k in rows])
        assert bucket.counts is not None
        assert bucket.before is not None
        assert np.array_equal(bucket.counts, scorer.layout.tally(one).counts)
        assert np.array_equal(bucket.before, scorer.layout.tally(first).counts)
        assert (bucket.rows, bucket.corrected) == (len(rows), sum(k % 3 == 0 for k in rows))
    (rewarded,) = (bucket for bucket in found.values() if bucket.reward_rows)
    assert (rewarded.reward_rows, rewarded.reward_micros) == (2, 7)
    assert (rewarded.reward_squares, rewarded.reward_zeros) == (49, 1)
