"""Principal components against NumPy's SVD and scikit-learn, and why they need rows of their own."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from watchkeeper.detectors.embedding.principal_components import PrincipalComponents
from watchkeeper.events.errors import BadInput

RNG = np.random.default_rng(2)
ROWS = RNG.normal(size=(300, 12)) @ RNG.normal(size=(12, 12)) + 5


def test_they_are_those_of_scikit_learn() -> None:
    found = PrincipalComponents.fit(ROWS, RNG, dimensions=4)
    other = PCA(4, svd_solver="full").fit(ROWS)
    signs = np.sign((found.directions * other.components_.T).sum(0))
    np.testing.assert_allclose(found.directions * signs, other.components_.T, atol=1e-8)
    np.testing.assert_allclose(found.transform(ROWS) * signs, other.transform(ROWS), atol=1e-8)
    np.testing.assert_allclose(found.explained, other.explained_variance_ratio_, rtol=1e-8)


def test_standardised_they_are_those_of_the_correlation_matrix() -> None:
    found = PrincipalComponents.fit(ROWS * np.logspace(0, 6, 12), RNG, dimensions=3, standardise=True)
    values, directions = np.linalg.eigh(np.corrcoef(ROWS.T))
    np.testing.assert_allclose(np.abs(found.directions), np.abs(directions[:, ::-1][:, :3]), atol=1e-8)
    np.testing.assert_allclose(found.explained, values[::-1][:3] / 12, rtol=1e-8)


def test_the_largest_weight_of_each_is_positive() -> None:
    directions = PrincipalComponents.fit(ROWS, RNG).directions
    assert (directions[np.abs(directions).argmax(0), range(8)] > 0).all()


def test_they_overstate_the_variance_of_the_rows_that_they_were_learned_from() -> None:
    """By about (1 + sqrt(D / n))^2 for independent dimensions: here 2.25 against a little over 1 for new rows."""
    learned, new = RNG.normal(size=(200, 50)), RNG.normal(size=(2000, 50))
    found = PrincipalComponents.fit(learned, RNG, dimensions=1)
    assert found.transform(learned).var() == pytest.approx((1 + np.sqrt(50 / 200)) ** 2, rel=0.15)
    assert found.transform(new).var() == pytest.approx(1, rel=0.15)


@pytest.mark.parametrize("dimensions", [0, 13])
def test_more_dimensions_than_there_are_is_refused(dimensions: int) -> None:
    with pytest.raises(BadInput, match="1 to 12"):
        PrincipalComponents.fit(ROWS, RNG, dimensions=dimensions)
    with pytest.raises(BadInput, match="at least 2"):
        PrincipalComponents.fit(ROWS[:1], RNG)
