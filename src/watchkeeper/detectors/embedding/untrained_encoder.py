"""Untrained encoder: a random convolutional network, which keeps what an image looks like though it learned nothing.

An image is brought to 32 x 32 pixels and three channels; three layers of random 4 x 4 filters with stride 2 (8, 16 and
32 of them) and rectified outputs follow, then one random linear layer to d numbers. Weights are gaussian with variance
2 / inputs (He et al. 2015), drawn once with the generator given, rounded to 32 bits and kept: the same image gives the
same numbers.

Sees: brightness, contrast, noise, blur, other subjects and textures; on images Rabanser et al. found it close to a
trained encoder, and the best of all with one test per dimension was a trained classifier. Cannot see: a small object
in a large image (32 x 32 pixels are looked at), what a person would call meaning.
Parameters: `dimensions` (8; the paper has 32). It learns nothing from rows but the value of white (1 or 255).
Equals the same convolution written as loops, and scipy.signal.correlate2d, to 1e-10.

Rabanser, Guenther, Lipton, *Failing loudly: an empirical study of methods for detecting dataset shift*, NeurIPS 2019;
He, Zhang, Ren, Sun, *Delving deep into rectifiers*, ICCV 2015.

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> encoder = UntrainedEncoder.fit(rng.random((20, 28, 28)), rng)
>>> encoder.transform(rng.random((3, 28, 28))).shape
(3, 8)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.embedding import numbered, spread_out
from watchkeeper.detectors.embedding.images import images, resized, unit_of
from watchkeeper.detectors.embedding.packing import packed, unpacked
from watchkeeper.tallies.tally import FloatArray

DIMENSIONS = 8
SIZE, KERNEL, STRIDE = 32, 4, 2
FILTERS = (8, 16, 32)
_BATCH = 256


@dataclass(frozen=True, eq=False)
class UntrainedEncoder:
    """`filters[i]` (4, 4, channels, filters), the last layer `linear` (features, d), and the value of white."""

    kind: ClassVar[str] = "untrained_encoder"

    filters: tuple[FloatArray, ...]
    linear: FloatArray
    white: float

    @classmethod
    def fit(cls, values: Any, rng: np.random.Generator, *, dimensions: int = DIMENSIONS) -> UntrainedEncoder:
        """Draw the filters, and see from images how bright white is; raises BadInput for what are no images."""
        filters, channels, side = [], 3, SIZE
        for count in FILTERS:
            filters.append(_drawn(rng, (KERNEL, KERNEL, channels, count), KERNEL * KERNEL * channels))
            channels, side = count, side // STRIDE
        inputs = channels * side * side
        return cls(tuple(filters), _drawn(rng, (inputs, dimensions), inputs), unit_of(values))

    @property
    def labels(self) -> tuple[str, ...]:
        return numbered(self.linear.shape[1])

    def transform(self, values: Any) -> FloatArray:
        known: list[bool] = []
        parts: list[FloatArray] = []
        batch: list[FloatArray] = []
        for image in images(values):
            known.append(image is not None and bool(np.isfinite(image).all()))
            if image is not None and known[-1]:
                batch.append(resized(image / self.white, SIZE))
            if len(batch) == _BATCH:
                parts.append(self._encoded(np.stack(batch)))
                batch = []
        parts += [self._encoded(np.stack(batch))] if batch else []
        rows = np.concatenate(parts) if parts else np.zeros((0, self.linear.shape[1]))
        return spread_out(np.array(known, np.bool_), rows)

    def _encoded(self, pixels: FloatArray) -> FloatArray:
        """(n, d) of (n, 32, 32, 3)."""
        layer = pixels
        for weights in self.filters:
            layer = np.maximum(convolved(layer, weights), 0.0)
        return layer.reshape(len(layer), -1) @ self.linear

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "filters": [packed(weights.astype(np.float32)) for weights in self.filters],
            "linear": packed(self.linear.astype(np.float32)),
            "white": self.white,
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> UntrainedEncoder:
        """The encoder that `to_dict` described."""
        filters = tuple(unpacked(one).astype(np.float64) for one in fields["filters"])
        return cls(filters, unpacked(fields["linear"]).astype(np.float64), float(fields["white"]))


def convolved(layer: FloatArray, weights: FloatArray) -> FloatArray:
    """(n, h/2, w/2, filters): `weights` (4, 4, c, filters) moved over `layer` (n, h, w, c) by 2, zeros around it."""
    padded = np.pad(layer, ((0, 0), (1, 1), (1, 1), (0, 0)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (KERNEL, KERNEL), (1, 2))[:, ::STRIDE, ::STRIDE]
    n, height, width = views.shape[:3]
    patches = views.transpose(0, 1, 2, 4, 5, 3).reshape(n * height * width, -1)
    return (patches @ weights.reshape(-1, weights.shape[-1])).reshape(n, height, width, -1)


def _drawn(rng: np.random.Generator, shape: tuple[int, ...], inputs: int) -> FloatArray:
    """Gaussian weights of variance 2 / inputs, as 32 bits hold them."""
    return rng.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32).astype(np.float64)
