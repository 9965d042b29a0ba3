"""A labelled reference counted in blocks: every block is what its own rows give, whatever the order and the pieces."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.reference_counts import (
    MOST_BLOCKS,
    MOST_CELLS,
    blocks_by_time,
    count_blocks,
    folds,
    present,
)
from watchkeeper.performance.said_counts import said_counts

CLASSES = ("no", "yes")
VALUES = ("no", "yes", "perhaps", None)
LAYOUT = layout_for("binary", CLASSES)


@given(seed=st.integers(0, 1000), rows=st.integers(1, 300), piece=st.sampled_from([7, 64, 1000]))
@settings(max_examples=20)
def test_blocks_are_what_their_own_rows_give(seed: int, rows: int, piece: int) -> None:
    rng = np.random.default_rng(seed)
    outputs = pa.table({"probability": rng.random(rows)})
    truth = pa.chunked_array([pa.array([VALUES[place] for place in rng.integers(0, 4, rows)], pa.string())])
    seconds = rng.uniform(-5000, 5000, rows)
    known = present(truth)
    if not len(known):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("watchkeeper.performance.reference_counts.CHUNK", piece)
        blocks = blocks_by_time(known, seconds, 900, LAYOUT.size)
        counted = count_blocks(LAYOUT, CLASSES, outputs, truth, blocks)
    assert counted.said is not None
    assert blocks.starts.tolist() == sorted({int(at // 900 * 900) for at in seconds[known]})
    for start, counts, said in zip(blocks.starts, counted.counts, counted.said, strict=True):
        here = np.flatnonzero((seconds >= start) & (seconds < start + 900))
        good = pa.array([row for row in here if truth[int(row)].as_py() in CLASSES], pa.int64())
        alone = Pairs.of("binary", CLASSES, outputs.take(good), truth.take(good))
        assert counts.tolist() == LAYOUT.tally(alone).counts.tolist()
        assert said.tolist() == said_counts(LAYOUT, alone).tolist()
    assert counted.left_out == sum(value == "perhaps" for value in truth.to_pylist())
    assert ("perhaps" in counted.reason) == (counted.left_out > 0)


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_every_task_is_counted_in_pieces(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.performance.reference_counts.CHUNK", 100)
    if task == "multiclass":
        scores, places = labelled.multiclass_data(n=450)
        classes = labelled.LETTERS[:4]
        outputs = pa.table({f"probability.{name}": scores[:, k] for k, name in enumerate(classes)})
        truth = pa.array([classes[place] for place in places]).dictionary_encode()
        whole = labelled.multiclass_pairs(scores, places)
    else:
        predicted, numbers = labelled.regression_data(n=450)
        classes = ()
        outputs, truth = pa.table({"prediction": predicted}), pa.array(numbers)
        whole = labelled.regression_pairs(predicted, numbers)
    layout = layout_for(task, classes, span=(100.0, 100.0))
    blocks = folds(present(truth))
    counted = count_blocks(layout, classes, outputs, truth, blocks)
    assert len(blocks.starts) == len(counted.counts) == 9
    assert counted.counts.sum(0).tolist() == layout.tally(whole).counts.tolist()
    assert layout.cells.rows(counted.counts).tolist() == [50] * 9
    assert (counted.said is None) == (task == "regression")


def test_what_has_no_truth() -> None:
    texts = ["no", "", None, "yes"]
    for truth in (pa.array(texts), pa.array(texts).dictionary_encode()):
        assert present(truth).tolist() == present(pa.chunked_array([truth])).tolist() == [0, 3]
    assert present(pa.array([1.0, float("nan"), None])).tolist() == [0]
    assert present(pa.array([True, None])).tolist() == [0]
    assert present(pa.nulls(3)).tolist() == []


def test_blocks_are_whole_windows_and_never_too_many() -> None:
    rows = np.arange(10_000)
    hourly = rows.astype(np.float64) * 3600
    few = blocks_by_time(rows, hourly, 3600, 1000)
    assert (few.width, len(few.starts)) == (5 * 3600, MOST_BLOCKS)
    big = blocks_by_time(rows, hourly, 3600, MOST_CELLS // 10)
    assert (big.width, len(big.starts)) == (1000 * 3600, 10)
    assert blocks_by_time(rows[:1], hourly, 3600, MOST_CELLS * 2).starts.tolist() == [0]
    assert np.diff(few.bounds).min() == 5


def test_folds_are_runs_of_rows() -> None:
    assert folds(np.arange(20)).bounds.tolist() == [0, 20]
    many = folds(np.arange(1, 100_001))
    assert (len(many.starts), many.width, many.order[0]) == (40, None, 1)


def test_a_truth_of_another_kind_is_refused() -> None:
    layout = layout_for("regression")
    truth = pa.array([True, False])
    with pytest.raises(BadInput, match="not numbers"):
        count_blocks(layout, (), pa.table({"prediction": [0.1, 0.2]}), truth, folds(present(truth)))
