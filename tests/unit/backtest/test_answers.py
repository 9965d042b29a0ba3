"""Answers and labels of a history as pairs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.helpers.histories import A_DAY, history
from watchkeeper.backtest.answers import answers, labelled
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.events.errors import BadInput

PLAN = Plan(time="at", until=40 * 86_400.0, scores=("score",), label="truth", ignore=("said",))
READ = read_history(history(), PLAN)
OUTPUTS = read_outputs(READ, PLAN)


def test_the_reference_is_cut_into_days_and_counted() -> None:
    found = labelled(READ, OUTPUTS, PLAN)
    assert found is not None
    assert len(found.reference) == 40 * A_DAY
    assert found.blocks.tolist() == list(range(0, 40 * A_DAY + 1, A_DAY))
    assert found.layout.cells.rows(found.counts).tolist() == [A_DAY] * 40


def test_rows_that_lack_an_answer_are_no_pairs() -> None:
    lost = np.arange(len(READ.table)) % 3 == 0
    table = pa.table({"score": pc.if_else(pa.array(lost), None, OUTPUTS.table["score"])})
    outputs = dataclasses.replace(OUTPUTS, table=table)
    found, (rows, answered) = labelled(READ, outputs, PLAN), answers(outputs, PLAN)
    assert found is not None
    np.testing.assert_array_equal(answered, ~lost)
    np.testing.assert_array_equal(found.known, ~lost)
    np.testing.assert_array_equal(found.pairs.scores, rows.scores)


def test_labels_without_answers_are_refused() -> None:
    empty = dataclasses.replace(OUTPUTS, table=pa.table({"score": pa.nulls(len(READ.table), pa.float64())}))
    with pytest.raises(BadInput, match="both a label and the model's answer"):
        labelled(READ, empty, PLAN)
