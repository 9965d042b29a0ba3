"""Several embeddings of the same values, one beside the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from watchkeeper.detectors.embedding.embedding import Embedding
from watchkeeper.tallies.tally import FloatArray


@dataclass(frozen=True)
class SideBySide:
    """`parts` in their order; their labels must not repeat."""

    kind: ClassVar[str] = "side_by_side"

    parts: tuple[Embedding, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for part in self.parts for label in part.labels)

    def transform(self, values: Any) -> FloatArray:
        return np.concatenate([part.transform(values) for part in self.parts], 1)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "parts": [part.to_dict() for part in self.parts]}
