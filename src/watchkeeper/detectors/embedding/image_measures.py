"""Image measures: brightness, contrast and sharpness, each one number an image.

Brightness is the mean luminance, contrast its standard deviation, sharpness the variance of its discrete Laplacian (0
to 1 for white, so all three are free of the number of bits). Sees: a lens cap, a new lamp, a wrong exposure, blur,
noise, heavy compression. Cannot see: what is in the picture, and colour. Parameters: none; it learns the value of
white (1 or 255).

Pech-Pacheco, Cristobal, Chamorro-Martinez, Fernandez-Valdivia, *Diatom autofocusing in brightfield microscopy: a
comparative study*, ICPR 2000, for sharpness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.images import images, luminance, unit_of
from watchkeeper.tallies.tally import FloatArray


@dataclass(frozen=True)
class ImageMeasures:
    """`white` is the value of white."""

    kind: ClassVar[str] = "image_measures"
    labels: ClassVar[tuple[str, ...]] = (".brightness", ".contrast", ".sharpness")

    white: float

    @classmethod
    def fit(cls, values: Any, rng: np.random.Generator) -> ImageMeasures:  # noqa: ARG003 - one shape for every kind
        """See from images how bright white is; raises BadInput for what are no images."""
        return cls(unit_of(values))

    def transform(self, values: Any) -> FloatArray:
        rows = [(np.nan,) * 3 if image is None else self._measured(image) for image in images(values)]
        return np.array(rows, np.float64).reshape(-1, 3)

    def _measured(self, image: FloatArray) -> tuple[float, ...]:
        grey = luminance(image / self.white)
        if not np.isfinite(grey).all():
            return (np.nan,) * 3
        return float(grey.mean()), float(grey.std()), laplacian_variance(grey)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "white": self.white}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> ImageMeasures:
        """The measures that `to_dict` described."""
        return cls(float(fields["white"]))


def laplacian_variance(grey: FloatArray) -> float:
    """Variance of the Laplacian inside the frame of (h, w); 0 for an image without an inside."""
    if min(grey.shape) < 3:
        return 0.0
    beside = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((beside - 4 * grey[1:-1, 1:-1]).var())
