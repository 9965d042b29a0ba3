"""Decisions by class under Seldon Core's names, every row scored and true negatives given to the right classes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from sklearn.metrics import multilabel_confusion_matrix

from watchkeeper.api.context import Context
from watchkeeper.api.decisions import cells_by_class, decisions
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs


def test_each_class_against_the_rest_is_as_scikit_learn_has_it() -> None:
    rng = np.random.default_rng(3)
    classes = ("a", "b", "c")
    truth, said = rng.choice(classes, 500), rng.choice(classes, 500)
    layout = layout_for("multiclass", classes)
    pairs = Pairs.of("multiclass", classes, pa.table({"label": said}), truth.tolist())
    found = dict(cells_by_class(layout, layout.tally(pairs).counts))
    for name, table in zip(classes, multilabel_confusion_matrix(truth, said, labels=classes), strict=True):
        (tn, fp), (fn, tp) = table.tolist()
        assert found[name] == (tp, fp, tn, fn)


def test_a_binary_model_counts_its_positive_class() -> None:
    layout = layout_for("binary", ("no", "yes"))
    table = pa.table({"label": ["yes", "yes", "no", "no", "no"]})
    pairs = Pairs.of("binary", ("no", "yes"), table, ["yes", "no", "no", "no", "yes"])
    assert cells_by_class(layout, layout.tally(pairs).counts) == [("yes", (1.0, 1.0, 2.0, 1.0))]


def test_a_regression_has_no_decisions() -> None:
    layout = layout_for("regression")
    assert cells_by_class(layout, np.zeros(layout.size, np.int64)) == []


def test_every_label_is_in_one_of_four_counters(context: Context) -> None:
    found = {family.name: family.samples for family in decisions(context)}
    assert len(found) == 4
    total = sum(sample.value for samples in found.values() for sample in samples)
    (scored,) = [scored for _, scored in context.store.performance.totals()]
    assert total == scored.rows > 0
    assert {sample.labels["class"] for samples in found.values() for sample in samples} == {"yes"}
