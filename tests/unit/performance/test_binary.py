"""What is counted of a binary model."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.binary import BinaryLayout

LAYOUT = BinaryLayout(("0", "1"))


def test_decisions_at_any_threshold_are_those_of_the_rows() -> None:
    scores, truth = labelled.binary_data()
    counts = LAYOUT.tally(labelled.binary_pairs(scores, truth)).counts
    for threshold in (0.0, 0.25, 0.5, 1.0):
        said = (scores >= threshold).astype(int)
        expected = [[((truth == t) & (said == s)).sum() for s in (0, 1)] for t in (0, 1)]
        assert LAYOUT.decisions(counts, threshold).tolist() == expected


def test_the_models_own_decision_is_kept() -> None:
    scores, truth = labelled.binary_data()
    counts = LAYOUT.tally(labelled.binary_pairs(scores, truth, (scores > 0.8).astype(int))).counts
    assert LAYOUT.decisions(counts)[:, 1].sum() == (scores > 0.8).sum()


def test_extreme_scores_are_atoms_and_cost_a_clipped_loss() -> None:
    counts = LAYOUT.tally(labelled.binary_pairs(np.array([0.0, 1.0]), np.array([1, 1]))).counts
    assert LAYOUT.scores(counts)[1, [0, -1]].tolist() == [1, 1]
    assert LAYOUT.cells.total(counts, "log_loss") == pytest.approx(36.04, abs=0.01)


def test_two_classes() -> None:
    with pytest.raises(BadInput, match="two classes, not 3"):
        BinaryLayout(("a", "b", "c"))
