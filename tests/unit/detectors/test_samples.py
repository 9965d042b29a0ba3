from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from watchkeeper.detectors.samples import Rates, Samples

COUNTS = hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(0, 500).map(float))


def test_sizes_and_shares() -> None:
    samples = Samples(np.array([30.0, 70.0]), np.array([[5.0, 5.0], [0.0, 0.0]]))
    assert samples.n.tolist() == [10, 1]
    assert float(samples.m) == 100
    assert samples.shares[0].tolist() == [[0.5, 0.5], [0.0, 0.0]]
    assert samples.effective_n[0] == pytest.approx(10 * 100 / 110)


@given(COUNTS)
def test_folding_loses_no_row(counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    folded = Samples(counts, counts[::-1].copy()).folded()
    assert folded.reference.sum() == counts.sum()
    assert folded.window.sum() == counts.sum()
    assert folded.reference.shape[-1] == 12


def test_folding_makes_cells_of_equal_reference_mass() -> None:
    folded = Samples(np.ones(1200), np.ones(1200)).folded()
    assert folded.reference.tolist() == [100.0] * 12


def test_a_heavy_bin_stays_alone() -> None:
    reference = np.array([1.0] * 50 + [900.0] + [1.0] * 50)
    folded = Samples(reference, reference).folded()
    assert 900.0 in folded.reference


def test_folding_a_batch_equals_folding_each() -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 50, (3, 30)).astype(float)
    window = rng.integers(0, 50, (4, 3, 30)).astype(float)
    batch = Samples(reference, window).folded()
    for w in range(4):
        for c in range(3):
            assert np.array_equal(Samples(reference[c], window[w, c]).folded().window, batch.window[w, c])


def test_rates_of_no_rows_are_zero() -> None:
    rates = Rates(np.array(0.0), np.array(0.0), np.array(0.0), np.array(0.0))
    assert [float(share) for share in rates.shares] == [0.0, 0.0]
