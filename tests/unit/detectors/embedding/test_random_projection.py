"""Random projections against NumPy and the Johnson-Lindenstrauss lemma."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from watchkeeper.detectors.embedding.random_projection import RandomProjection
from watchkeeper.events.errors import BadInput


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.mark.parametrize("sparse", [False, True])
def test_distances_keep_their_proportions(sparse: bool) -> None:
    """With d = 400, e^2 = 8 log(n) / d: ratios of squared distances stay within 0.3 of one another."""
    rows = rng().normal(size=(40, 500))
    found = RandomProjection.fit(rows, rng(), dimensions=400, sparse=sparse).transform(rows)
    ratio = pdist(found, "sqeuclidean") / pdist((rows - rows.mean(0)) / rows.std(0), "sqeuclidean")
    assert np.abs(ratio / ratio.mean() - 1).max() < 0.4
    assert ratio.mean() == pytest.approx(400 / 500, rel=0.05)


@pytest.mark.parametrize("sparse", [False, True])
def test_directions_have_length_one_and_a_projection_the_variance_of_a_dimension(sparse: bool) -> None:
    rows = rng().normal(7, 1000, size=(3000, 30))
    projection = RandomProjection.fit(rows, rng(), sparse=sparse)
    np.testing.assert_allclose(np.linalg.norm(projection.directions, axis=0), 1)
    found = projection.transform(rows)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(found.std(0), 1, rtol=0.1)


def test_a_sparse_direction_is_mostly_zeros_and_never_all() -> None:
    weights = RandomProjection.fit(rng().normal(size=(10, 600)), rng(), dimensions=50, sparse=True).directions
    assert np.mean(weights == 0) == pytest.approx(2 / 3, abs=0.01)
    narrow = RandomProjection.fit(rng().normal(size=(10, 2)), rng(), dimensions=50, sparse=True).directions
    assert (narrow != 0).any(0).all()


def test_constant_dimensions_and_gaps_do_no_harm() -> None:
    rows = np.column_stack([np.full(20, 3.0), rng().normal(size=20)])
    found = RandomProjection.fit(rows, rng()).transform([[3, 0.0], None, [3, np.nan]])
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1:]).all()


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(BadInput, match="finite"):
        RandomProjection.fit([[np.nan, 1.0]], rng())
    with pytest.raises(BadInput, match="dimensions"):
        RandomProjection.fit([[1.0]], rng(), dimensions=0)
