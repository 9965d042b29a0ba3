"""Calibration from bins, beside the rows themselves."""

import numpy as np
import pytest

from watchkeeper.performance.calibration import calibration_bins, calibration_error
from watchkeeper.performance.metric import Basis
from watchkeeper.performance.score_bins import FINE
from watchkeeper.tallies.tally import FloatArray, IntArray


def data(n: int, bias: float) -> tuple[FloatArray, FloatArray, IntArray]:
    rng = np.random.default_rng(0)
    scores = rng.random(n)
    truth = (rng.random(n) < np.clip(scores + bias, 0, 1)).astype(np.int64)
    place = FINE.place(scores)
    return np.array([np.bincount(place[truth == k], minlength=FINE.size) for k in (0, 1)], np.float64), scores, truth


def test_bins_agree_with_the_rows() -> None:
    counts, scores, truth = data(5000, 0.1)
    rows, expected, true = calibration_bins(counts, FINE)
    group = np.minimum((scores * 10).astype(int), 9)
    assert rows.sum() == 5000
    assert expected == pytest.approx([scores[group == k].mean() for k in range(10)], abs=1 / 1024)
    assert true == pytest.approx([truth[group == k].mean() for k in range(10)], abs=0.01)


def test_a_shift_of_a_tenth_is_seen() -> None:
    counts, _, _ = data(5000, 0.1)
    found = calibration_error(counts, FINE, Basis(5000, 5000, 5000))
    assert found.value == pytest.approx(0.095, abs=0.02)
    assert found.low is not None
    assert found.low > 0.06


def test_chance_alone_is_told() -> None:
    counts, _, _ = data(500, 0.0)
    found = calibration_error(counts, FINE, Basis(500, 500, 500))
    expected = float(found.note.rpartition(" ")[2])
    assert found.value == pytest.approx(expected, abs=0.03)
    assert expected > 0.03


def test_no_scores() -> None:
    assert calibration_error(np.zeros((2, FINE.size)), FINE, Basis(3, 3, 3)).note == "the model gives no scores"
