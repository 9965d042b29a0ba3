from __future__ import annotations

import numpy as np

from watchkeeper.reference.leading import Leading


def test_they_are_the_leading_eigenvectors_each_of_its_standard_deviation() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4_000, 20)) @ np.diag(np.linspace(3, 0.2, 20)) @ np.linalg.qr(rng.normal(size=(20, 20)))[0]
    found = Leading.of(rows)
    assert found is not None
    lengths, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    directions = np.array(found.directions)
    np.testing.assert_allclose((directions**2).sum(1), lengths[::-1][:12], rtol=1e-3)
    along = np.abs((directions[:4] * vectors[:, ::-1][:, :4].T).sum(1))
    np.testing.assert_allclose(along, np.sqrt(lengths[::-1][:4]), rtol=1e-3)


def test_its_moments_are_those_of_the_projected_rows() -> None:
    rows = np.random.default_rng(1).normal(size=(5_000, 6)) * np.array([3, 1, 1, 1, 1, 1])
    found = Leading.of(rows)
    assert found is not None
    assert np.isclose(found.moments.trace, (np.cov(rows.T) ** 2).sum(), rtol=0.02)


def test_one_score_leads_nowhere_and_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    assert Leading.of(rng.normal(size=(100, 1))) is None
    rows = rng.normal(size=(3_000, 5)) * np.arange(1, 6)
    one, other = Leading.of(rows), Leading.of(rows[::-1])
    assert one is not None
    assert other is not None
    assert one.directions == other.directions
