from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.predictions import OTHERS, predictions


def test_numbers_and_classes_over_a_month(context: Context) -> None:
    view = predictions(context, "delays")
    outputs = {output.output: output for output in view.outputs}
    number, late = outputs["probability"], outputs["late"]
    assert len(number.mean) == len(number.low) == len(view.starts) == 30
    assert number.total is not None
    assert number.reference is not None
    assert number.total.mean == pytest.approx(number.reference.mean, abs=0.05)
    assert number.total.quantiles["0.1"] < number.total.quantiles["0.9"]  # type: ignore[operator]
    assert sum(late.total_shares.values()) == pytest.approx(1)
    assert set(late.shares) == {"no", "yes"}
    assert OTHERS not in late.shares


def test_a_short_span_knows_its_extremes(context: Context) -> None:
    view = predictions(context, "delays", start=str(START), end=str(START + DAY))
    total = view.outputs[0].total
    assert total is not None
    assert total.minimum is not None
    assert total.maximum is not None
    assert total.minimum < total.maximum
    assert view.width == 3600


def test_a_span_without_predictions(context: Context) -> None:
    view = predictions(context, "delays", start="0", end="3600")
    assert view.outputs[0].total is None
    assert view.starts == ()
