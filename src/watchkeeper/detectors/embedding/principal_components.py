"""Principal components: the directions in which the reference varies most.

Sees: shifts and changes of spread along the main directions of variation. Cannot see: what changes in a direction in
which the reference hardly varied, which is where something new often shows; random projections miss less of that.
The components fit the rows that they were learned from better than any others: with n rows of D independent dimensions
the largest variance is overstated by a factor of about (1 + sqrt(D / n))^2 (Marchenko, Pastur 1967). **Learn them from
rows that are not compared afterwards.**
Parameters: `dimensions` (8), `standardise` (each dimension in its own standard deviations first).
Equals numpy.linalg.svd and sklearn.decomposition.PCA to 1e-8, signs fixed so that the largest weight is positive.

Pearson, *On lines and planes of closest fit to systems of points in space*, Philosophical Magazine 2 (1901); Rabanser,
Guenther, Lipton, *Failing loudly*, NeurIPS 2019, for its use here.

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> rows = rng.normal(size=(500, 1)) * [3.0, 4.0] + rng.normal(0, 0.1, (500, 2))
>>> PrincipalComponents.fit(rows, rng, dimensions=1).directions.round(1).ravel().tolist()
[0.6, 0.8]
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


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """`centre` and `scale` (D,), `directions` (D, d) by variance, `explained` (d,) shares of the whole variance."""

    kind: ClassVar[str] = "principal_components"

    centre: FloatArray
    scale: FloatArray
    directions: FloatArray
    explained: FloatArray

    @classmethod
    def fit(
        cls,
        values: Any,
        rng: np.random.Generator,  # noqa: ARG003 - one shape for every kind
        *,
        dimensions: int = DIMENSIONS,
        standardise: bool = False,
    ) -> PrincipalComponents:
        """Learn from vectors; raises BadInput for fewer than two, or for more dimensions than there are."""
        _, rows = vectors(values)
        if len(rows) < 2:
            raise BadInput(f"{len(rows)} rows hold a vector of finite numbers; at least 2 are needed.")
        if not 1 <= dimensions <= min(rows.shape):
            raise BadInput(f"dimensions is 1 to {min(rows.shape)} here, not {dimensions}.")
        sd = rows.std(0)
        scale = np.where(sd > 0, sd, 1.0) if standardise else np.ones_like(sd)
        _, singular, directions = np.linalg.svd((rows - rows.mean(0)) / scale, full_matrices=False)
        kept = directions[:dimensions].T
        signs = np.sign(kept[np.abs(kept).argmax(0), np.arange(dimensions)])
        variance = singular**2
        explained = variance[:dimensions] / max(float(variance.sum()), 1e-300)
        return cls(rows.mean(0), scale, kept * signs, explained)

    @property
    def labels(self) -> tuple[str, ...]:
        return numbered(self.directions.shape[1])

    def transform(self, values: Any) -> FloatArray:
        return along(values, self.centre, self.scale, self.directions)

    def to_dict(self) -> dict[str, Any]:
        names = ("centre", "scale", "directions", "explained")
        return {"kind": self.kind} | {name: packed(getattr(self, name)) for name in names}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> PrincipalComponents:
        """The components that `to_dict` described."""
        return cls(*(unpacked(fields[name]) for name in ("centre", "scale", "directions", "explained")))
