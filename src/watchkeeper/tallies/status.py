"""Tallies of HTTP status: rows per class of code, so that an error rate is a ratio of two counts."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from watchkeeper.schema.numbers import Column
from watchkeeper.tallies.bins import Encoded
from watchkeeper.tallies.tally import IntArray

CODE_CLASSES = ("2xx", "4xx", "5xx", "other")
_CELL_OF_HUNDRED = np.array([3, 3, 0, 3, 1, 2] + [3] * 4, np.int64)


class StatusBins:
    """Layout: rows answered 2xx, 4xx, 5xx, and anything else."""

    kind: ClassVar[str] = "status"
    size: ClassVar[int] = len(CODE_CLASSES)
    extremes: ClassVar[int] = 0

    def encode(self, column: Column) -> Encoded:
        """Where each row of an integer status column goes."""
        status = np.asarray(column, np.int64)
        return Encoded(cell=_CELL_OF_HUNDRED[np.clip(status // 100, 0, 9)])

    def rows(self, counts: IntArray) -> IntArray:
        """(...) rows counted."""
        total: IntArray = counts.sum(-1)
        return total

    def errors(self, counts: IntArray) -> IntArray:
        """(...) rows that the server failed to answer (5xx)."""
        return counts[..., CODE_CLASSES.index("5xx")]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> StatusBins:  # noqa: ARG003 - one shape for every kind
        """The bins that `to_dict` described."""
        return cls()
