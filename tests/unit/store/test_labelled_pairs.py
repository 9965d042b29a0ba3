"""Pairs of recorded rows."""

import pyarrow as pa

from watchkeeper.store.labelled_pairs import labelled_pairs


def rows(labels: list[str | None], weights: list[float | None]) -> pa.Table:
    said = ["0", "1", "1", "0"]
    columns = {"label": pa.array(labels, pa.string()), "weight": pa.array(weights, pa.float64())}
    return pa.table({"input.x": [1, 2, 3, 4], "output.label": said, **columns})


def test_rows_without_a_label_or_with_one_that_cannot_be_read_are_left_out() -> None:
    pairs, known = labelled_pairs("binary", ("0", "1"), rows(["1", None, "1", "maybe"], [4.0, None, None, None]))
    assert known.tolist() == [True, False, True, False]
    assert pairs is not None
    assert pairs.weight.tolist() == [4 * 256, 256]
    assert pairs.truth is not None
    assert pairs.truth.tolist() == [1, 1]


def test_other_labels_can_stand_in() -> None:
    unlabelled = rows([None] * 4, [None] * 4)
    assert labelled_pairs("binary", ("0", "1"), unlabelled)[0] is None
    pairs, known = labelled_pairs("binary", ("0", "1"), unlabelled, pa.chunked_array([["0", "1", None, "1"]]))
    assert known.tolist() == [True, True, False, True]
    assert pairs is not None
    assert len(pairs) == 3
