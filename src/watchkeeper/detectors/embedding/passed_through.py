"""Vectors as they are: for embeddings of few dimensions, each of which becomes a column.

Sees: what changes in any one dimension. Cannot see: a change of dependence between dimensions with each as it was;
tests on rows do, and random projections. Parameters: none; it learns only how many dimensions there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.embedding import numbered, spread_out
from watchkeeper.detectors.embedding.vectors import vectors
from watchkeeper.tallies.tally import FloatArray


@dataclass(frozen=True)
class PassedThrough:
    """Vectors of `width` numbers."""

    kind: ClassVar[str] = "passed_through"

    width: int

    @classmethod
    def fit(cls, values: Any, rng: np.random.Generator) -> PassedThrough:  # noqa: ARG003 - one shape for every kind
        """Learn the width of the vectors; raises BadInput where there are none."""
        return cls(vectors(values)[1].shape[1])

    @property
    def labels(self) -> tuple[str, ...]:
        return numbered(self.width)

    def transform(self, values: Any) -> FloatArray:
        return spread_out(*vectors(values, self.width))

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "width": self.width}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> PassedThrough:
        """The embedding that `to_dict` described."""
        return cls(int(fields["width"]))
