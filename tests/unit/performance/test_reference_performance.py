"""What is kept of a labelled reference: the same counts back, and what is said of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.performance.said_counts import said_counts

LAYOUT = layout_for("binary", ("0", "1"))
PAIRS = labelled.binary_pairs(*labelled.binary_data(n=400))
BOUNDS = np.array([0, 100, 300, 400])
COUNTS = np.stack([tally.counts for tally in LAYOUT.tally_groups(PAIRS, BOUNDS)])
SAID = np.stack([said_counts(LAYOUT, PAIRS.take(slice(a, b))) for a, b in pairwise(BOUNDS.tolist())])


def performance(width: int | None = 3600, in_sample: bool | None = None) -> ReferencePerformance:
    return ReferencePerformance.of(LAYOUT, np.array([0, 3600, 10_800]), COUNTS, SAID, width=width, in_sample=in_sample)


def test_the_same_comes_back() -> None:
    made = performance()
    again = ReferencePerformance.from_bytes(made.to_bytes())
    assert again.layout.to_dict() == LAYOUT.to_dict()
    assert (again.starts.tolist(), again.width, again.rows, again.blocks) == ([0, 3600, 10_800], 3600, 400, 3)
    assert np.array_equal(again.counts, COUNTS)
    assert np.array_equal(again.whole, COUNTS.sum(0))
    assert again.said is not None
    assert np.array_equal(again.said, SAID)
    assert again.to_bytes() == made.to_bytes()
    assert len(made.to_bytes()) < COUNTS.nbytes / 4


def test_a_regression_has_no_scores() -> None:
    layout = layout_for("regression")
    counts = layout.tally(labelled.regression_pairs(*labelled.regression_data(n=50))).counts[None]
    made = ReferencePerformance.of(layout, np.zeros(1, np.int64), counts)
    assert ReferencePerformance.from_bytes(made.to_bytes()).said is None


@pytest.mark.parametrize(
    ("in_sample", "teaches", "says"),
    [(None, True, "may have been trained on"), (True, False, "was trained on"), (False, True, "was not trained on")],
)
def test_what_is_said_of_the_rows(in_sample: bool | None, teaches: bool, says: str) -> None:
    made = performance().marked(in_sample)
    assert (made.in_sample, made.teaches) == (in_sample, teaches)
    assert says in made.note
    assert "exchangeable" not in made.note
    assert "exchangeable" in performance(None, in_sample).note
    assert made.same_truth(performance())


def test_another_truth_is_another() -> None:
    flipped = LAYOUT.tally(labelled.binary_pairs(*labelled.binary_data(seed=1, n=400))).counts[None]
    assert not performance().same_truth(ReferencePerformance.of(LAYOUT, np.zeros(1, np.int64), flipped))
    joined = ReferencePerformance.of(LAYOUT, np.zeros(1, np.int64), COUNTS.sum(0)[None], SAID.sum(0)[None])
    assert performance().same_truth(joined)


def test_bytes_of_something_else_are_refused() -> None:
    for data in (b"", b"\x93", performance().to_bytes().replace(b"performance/1", b"performance/9")):
        with pytest.raises(BadInput):
            ReferencePerformance.from_bytes(data)
