"""Random projection: a few random directions through the cloud of vectors.

Each dimension less its mean, in its standard deviations (both of the reference), times d random directions of length
one: gaussian, or sparse (+1, 0, -1 with chances 1/6, 2/3, 1/6). Distances between n vectors keep to 1 +/- e with d of
the order log(n) / e^2 (Johnson, Lindenstrauss 1984); a law is determined by its projections on all directions (Cramer,
Wold 1936), and one random direction tells two laws with light tails apart with probability one (Cuesta-Albertos,
Fraiman, Ransford 2007). How far apart is another question:

Sees: shifts of the mean, and changes of dependence between dimensions with every dimension as it was, for either
changes the projections' spread or place. Cannot see at moderate n: what happens in one dimension of many (its share of
a projection's variance is 1 / D), or a shift that its few directions happen to miss.
Parameters: `dimensions` (8), `sparse`. It learns a mean and a scale of each dimension, and nothing of directions.

Johnson, Lindenstrauss, *Extensions of Lipschitz mappings into a Hilbert space*, Contemporary Mathematics 26 (1984);
Achlioptas, *Database-friendly random projections*, JCSS 66 (2003); Li, Hastie, Church, *Very sparse random
projections*, KDD 2006; Cuesta-Albertos, Fraiman, Ransford, *A sharp form of the Cramer-Wold theorem*, Journal of
Theoretical Probability 20 (2007).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> projection = RandomProjection.fit(rng.normal(size=(500, 64)), rng)
>>> projection.transform(rng.normal(size=(3, 64))).shape
(3, 8)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.embedding import numbered
from watchkeeper.detectors.embedding.packing import packed, unpacked
from watchkeeper.detectors.embedding.vectors import along, vectors
from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import FloatArray

DIMENSIONS = 8
_ZERO = 2 / 3


@dataclass(frozen=True, eq=False)
class RandomProjection:
    """`centre` and `scale` (D,) of the reference, `directions` (D, d) of length one."""

    kind: ClassVar[str] = "random_projection"

    centre: FloatArray
    scale: FloatArray
    directions: FloatArray

    @classmethod
    def fit(
        cls, values: Any, rng: np.random.Generator, *, dimensions: int = DIMENSIONS, sparse: bool = False
    ) -> RandomProjection:
        """Learn centre and scale from vectors, and draw directions; raises BadInput where there are no vectors."""
        if dimensions < 1:
            raise BadInput(f"dimensions is 1 or more, not {dimensions}.")
        _, rows = vectors(values)
        if not len(rows):
            raise BadInput("No row holds a vector of finite numbers.")
        scale = rows.std(0)
        drawn = _sparse(rows.shape[1], dimensions, rng) if sparse else rng.normal(size=(rows.shape[1], dimensions))
        return cls(rows.mean(0), np.where(scale > 0, scale, 1.0), drawn / np.linalg.norm(drawn, axis=0))

    @property
    def labels(self) -> tuple[str, ...]:
        return numbered(self.directions.shape[1])

    def transform(self, values: Any) -> FloatArray:
        return along(values, self.centre, self.scale, self.directions)

    def to_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "centre": packed(self.centre),
            "scale": packed(self.scale),
            "directions": packed(self.directions),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> RandomProjection:
        """The projection that `to_dict` described."""
        return cls(*(unpacked(fields[name]) for name in ("centre", "scale", "directions")))


def _sparse(width: int, dimensions: int, rng: np.random.Generator) -> FloatArray:
    """(D, d) of +1, 0 and -1, no direction without any."""
    kept = rng.random((width, dimensions)) > _ZERO
    kept[rng.integers(width, size=dimensions), np.arange(dimensions)] = True
    return np.where(kept, rng.choice([-1.0, 1.0], (width, dimensions)), 0.0)
