"""Curves, confusion and scores by label of one span."""

from __future__ import annotations

import msgspec
import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.curves import curves
from watchkeeper.api.performance import performance
from watchkeeper.events.errors import BadInput


def test_a_binary_model_has_every_shape(context: Context) -> None:
    view, whole = curves(context, "delays"), performance(context, "delays").total
    assert (view.task, view.classes, view.name) == ("binary", ("yes",), "yes")
    assert view.metrics == whole
    assert view.confusion is not None
    assert sum(map(sum, view.confusion.rows)) == whole["accuracy"].n
    assert view.roc is not None
    assert (view.roc.x[0], view.roc.y[0], view.roc.threshold[0]) == (0.0, 0.0, None)
    assert (view.roc.x[-1], view.roc.y[-1]) == (1.0, 1.0)
    assert view.precision_recall is not None
    assert view.calibration is not None
    assert sum(view.calibration.rows) == pytest.approx(whole["accuracy"].n)
    assert view.scores is not None
    assert {name: sum(rows) for name, rows in view.scores.rows.items()} == {
        name: sum(row) for name, row in zip(("no", "yes"), view.confusion.rows, strict=True)
    }


def test_a_threshold_moves_the_decisions_and_nothing_else(context: Context) -> None:
    own, moved = curves(context, "delays"), curves(context, "delays", threshold=0.0)
    assert moved.roc == own.roc
    assert moved.confusion is not None
    assert [row[0] for row in moved.confusion.rows] == [0.0, 0.0]
    assert moved.metrics["recall"].value == 1.0


def test_a_span_without_labels_has_no_shape(context: Context) -> None:
    view = curves(context, "delays", start="0", end=str(DAY))
    assert (view.metrics, view.confusion, view.roc, view.scores) == ({}, None, None, None)
    some = curves(context, "delays", start=str(START), end=str(START + DAY))
    assert 0 < some.metrics["accuracy"].n < 400


def test_only_a_binary_model_has_a_threshold(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    number = msgspec.structs.replace(context.version("delays"), task="regression")
    monkeypatch.setattr(Context, "version", lambda *_: number)
    with pytest.raises(BadInput, match="no threshold"):
        curves(context, "delays", threshold=0.5)
