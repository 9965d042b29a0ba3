"""The classifier: its fit is the logistic regression's, its area scikit-learn's, its p-value honest."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.rows.classifier import areas_under_curve, classifier, fit_logistic
from watchkeeper.events.errors import BadInput


def test_the_fit_is_that_of_scikit_learn() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 4))
    labels = (rng.random(300) < 1 / (1 + np.exp(-rows @ [1.0, -0.5, 0, 0.2] + 1))).astype(float)
    expected = linear.LogisticRegression(C=1.0, tol=1e-10).fit(rows, labels)
    found = fit_logistic(np.column_stack([np.ones(300), rows]), labels[:, None], 1.0, steps=400)[:, 0]
    np.testing.assert_allclose(found[1:], expected.coef_[0], atol=1e-4)
    np.testing.assert_allclose(found[0], expected.intercept_[0], atol=1e-4)


def test_areas_under_curve() -> None:
    scores = np.array([[0.1, 1.0], [0.4, 1.0], [0.35, 1.0], [0.8, 1.0]])
    labels = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    np.testing.assert_allclose(areas_under_curve(scores, labels), [0.75, 0.5])
    np.testing.assert_allclose(areas_under_curve(scores, np.ones((4, 2))), 0.5)


def test_the_level_holds_when_nothing_changed() -> None:
    rng = np.random.default_rng(1)
    p = [
        classifier(rng.normal(size=(25, 3)), rng.normal(size=(15, 3)), rng, permutations=39).p_value or 0
        for _ in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def test_the_statistic_is_the_area_and_samples_may_be_uneven() -> None:
    rng = np.random.default_rng(2)
    found = classifier(rng.normal(size=(900, 2)), rng.normal(1.5, 1, size=(60, 2)), rng, permutations=30)
    assert found.statistic == pytest.approx(0.93, abs=0.05)
    assert found.p_value == pytest.approx(1 / 31)


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="ridge"):
        classifier([1.0, 2], [1.0, 3], np.random.default_rng(0), ridge=0.0)
