"""Rows with labels, and how values become levels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.labelled import MISSING, MOST_LEVELS, OTHERS, layout_of, levels, metrics_of, pairs_of, rows_of
from watchkeeper.api.performance import performance
from watchkeeper.api.span import Span
from watchkeeper.events.errors import TooLarge
from watchkeeper.store.labelled_rows import thinned

WHOLE = Span(start=START, end=START + 30 * DAY)


def test_pairs_of_rows_have_the_metrics_of_the_counts(context: Context) -> None:
    version = context.version("delays")
    layout = layout_of(context, version)
    assert layout is not None
    rows = rows_of(context, version, WHOLE, ["carrier"])
    pairs, good = pairs_of(version, layout, rows)
    assert good.sum() == rows.num_rows - rows["label"].null_count
    assert metrics_of(layout, pairs) == performance(context, "delays").total
    assert metrics_of(layout, None) == {}


def test_one_row_in_seven_and_no_more_than_allowed(context: Context) -> None:
    version = context.version("delays")
    ids = rows_of(context, version, WHOLE, [])["prediction_id"]
    some = rows_of(context, version, WHOLE, [], one_in=7)["prediction_id"]
    assert some.to_pylist() == ids.filter(pa.array(thinned(ids, 7))).to_pylist()
    assert len(some) == pytest.approx(len(ids) / 7, rel=0.1)
    with pytest.raises(TooLarge, match="more than 10 rows"):
        rows_of(context, version, WHOLE, [], most=10)


def test_a_feature_that_no_row_has_is_missing_in_all(context: Context) -> None:
    rows = rows_of(context, context.version("delays"), WHOLE, ["colour"])
    assert rows["input.colour"].null_count == rows.num_rows > 0


def test_levels_of_numbers_are_quarters_and_of_texts_values() -> None:
    names, codes = levels(pa.array([1.0, 2.0, 3.0, 4.0, None]))
    assert names == ("below 1.75", "1.75 to 2.5", "2.5 to 3.25", "3.25 or more", MISSING)
    assert codes.tolist() == [0, 1, 2, 3, 4]
    names, codes = levels(pa.chunked_array([["b", "a", None], ["a"]]))
    assert [names[code] for code in codes] == ["b", "a", MISSING, "a"]


def test_many_values_are_put_together() -> None:
    texts = [f"v{k}" for k in range(40) for _ in range(40 - k)]
    names, codes = levels(pa.array(texts))
    assert len(names) == MOST_LEVELS
    assert names[-1] == OTHERS
    assert np.bincount(codes)[:3].tolist() == [40, 39, 38]
