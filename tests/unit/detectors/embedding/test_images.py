"""Images are read from arrays, tensors and lists, and brought to one size by areas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.embedding.images import images, luminance, resized, unit_of
from watchkeeper.events.errors import BadInput

RNG = np.random.default_rng(0)
COLOUR = RNG.random((3, 6, 5, 3))


@pytest.mark.parametrize(
    "values",
    [
        COLOUR,
        list(COLOUR),
        pa.FixedShapeTensorArray.from_numpy_ndarray(COLOUR),
        pa.array(COLOUR.tolist()),
        np.concatenate([COLOUR, np.ones((3, 6, 5, 1))], 3),
        COLOUR.transpose(0, 3, 1, 2),
    ],
)
def test_every_way_to_hold_images(values: Any) -> None:
    np.testing.assert_allclose(np.stack([image for image in images(values) if image is not None]), COLOUR)


def test_grey_becomes_three_equal_channels_and_a_gap_stays_one() -> None:
    one, gap = images([np.eye(4), None])
    assert gap is None
    assert one is not None
    np.testing.assert_allclose(luminance(one), np.eye(4))


def test_white_is_1_or_255() -> None:
    assert unit_of(COLOUR) == 1
    assert unit_of((COLOUR * 255).astype(np.uint8)) == 255


def test_a_new_pixel_is_the_mean_of_what_it_covers() -> None:
    image = RNG.random((8, 12, 3))
    np.testing.assert_allclose(resized(image, 4), image.reshape(4, 2, 4, 3, 3).mean((1, 3)))
    for shape in ((5, 7, 3), (2, 3, 3), (64, 3, 3)):
        image = RNG.random(shape)
        np.testing.assert_allclose(resized(image, 4).mean((0, 1)), image.mean((0, 1)))


@pytest.mark.parametrize("values", [pa.array([b"jpeg"]), [np.zeros(4)], [np.zeros((5, 5, 7))], [["a", "b"]]])
def test_what_is_no_image_is_refused(values: Any) -> None:
    with pytest.raises(BadInput):
        list(images(values))
