"""The encoder's convolution against scipy's, and what its numbers are worth."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.signal import correlate2d

from watchkeeper.detectors.embedding.untrained_encoder import UntrainedEncoder, convolved
from watchkeeper.detectors.rows.energy_distance import energy_distance


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def textures(n: int, seed: int, blurred: bool = False) -> np.ndarray:
    """(n, 16, 16) noise of one mean and one standard deviation, blurred or not."""
    noise = rng(seed).normal(size=(n, 16, 16))
    if blurred:
        noise = gaussian_filter(noise, (0, 2, 2), mode="wrap")
    return noise / noise.std() * 0.1 + 0.5


def test_a_layer_is_scipys_correlation_at_every_second_pixel() -> None:
    layer, weights = rng().normal(size=(2, 8, 10, 3)), rng(1).normal(size=(4, 4, 3, 5))
    found = convolved(layer, weights)
    padded = np.pad(layer, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for image, filter_ in ((0, 0), (1, 4)):
        whole = sum(correlate2d(padded[image, :, :, c], weights[:, :, c, filter_], "valid") for c in range(3))
        np.testing.assert_allclose(found[image, :, :, filter_], np.asarray(whole)[::2, ::2], atol=1e-10)
    assert found.shape == (2, 4, 5, 5)


def test_the_same_generator_gives_the_same_numbers_and_batches_do_not_matter() -> None:
    images = rng(3).random((300, 8, 8))
    one, other = (UntrainedEncoder.fit(images, rng(5)) for _ in range(2))
    whole = one.transform(images)
    np.testing.assert_array_equal(whole, other.transform(images))
    np.testing.assert_allclose(whole[290:], one.transform(images[290:]), rtol=1e-10)
    assert not np.allclose(whole, UntrainedEncoder.fit(images, rng(6)).transform(images))


def test_bytes_and_shares_of_white_are_the_same_image() -> None:
    images = rng(3).integers(0, 256, (5, 9, 7, 3)).astype(np.uint8)
    as_bytes = UntrainedEncoder.fit(images, rng()).transform(images)
    np.testing.assert_allclose(as_bytes, UntrainedEncoder.fit(images / 255, rng()).transform(images / 255))


def test_a_gap_and_a_broken_image_are_not_known() -> None:
    encoder = UntrainedEncoder.fit([np.eye(4)], rng())
    found = encoder.transform([None, np.full((4, 4), np.nan), np.eye(4)])
    assert np.isnan(found[:2]).all()
    assert np.isfinite(found[2]).all()


def test_it_sees_a_change_of_texture_with_the_same_brightness_and_contrast() -> None:
    encoder = UntrainedEncoder.fit(textures(50, 0), rng(), dimensions=16)
    before = encoder.transform(textures(150, 1))
    same = energy_distance(before, encoder.transform(textures(100, 2)), rng(), permutations=99)
    moved = energy_distance(before, encoder.transform(textures(100, 3, blurred=True)), rng(), permutations=99)
    assert (same.p_value or 0) > 0.05
    assert moved.p_value == 0.01
