"""Brightness, contrast and sharpness against scipy and by eye."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from watchkeeper.detectors.embedding.image_measures import ImageMeasures, laplacian_variance

RNG = np.random.default_rng(0)


def test_sharpness_is_the_variance_of_scipys_laplacian() -> None:
    grey = RNG.random((9, 11))
    assert laplacian_variance(grey) == pytest.approx(ndimage.laplace(grey)[1:-1, 1:-1].var())
    assert laplacian_variance(grey[:2]) == 0


def test_light_contrast_and_blur_move_their_own_measure() -> None:
    sharp = RNG.random((20, 12, 12)) * 0.5
    blurred = ndimage.uniform_filter(sharp, (0, 3, 3), mode="wrap")
    measures = ImageMeasures.fit(sharp, RNG)
    brightness, contrast, sharpness = measures.transform(sharp).T
    np.testing.assert_allclose(brightness, sharp.mean((1, 2)))
    np.testing.assert_allclose(contrast, sharp.std((1, 2)))
    np.testing.assert_allclose(measures.transform(sharp + 0.25)[:, 0], brightness + 0.25)
    softer = measures.transform(blurred)
    np.testing.assert_allclose(softer[:, 0], brightness)
    assert (softer[:, 2] < sharpness / 5).all()


def test_colour_counts_by_its_luminance_and_gaps_are_gaps() -> None:
    green = np.zeros((4, 4, 3))
    green[:, :, 1] = 255
    found = ImageMeasures.fit([green], RNG).transform([green, None, np.full((3, 3), np.nan)])
    assert found[0] == pytest.approx([0.587, 0, 0])
    assert np.isnan(found[1:]).all()
