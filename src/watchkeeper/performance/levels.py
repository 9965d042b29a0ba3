"""The levels of a column: what rows are cut into segments by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import IntArray

MOST = 50
MISSING = "missing"


@dataclass(frozen=True, eq=False)
class Levels:
    """The `names` of a column's levels, and the place (n,) of each row's level among them; -1 has none."""

    names: tuple[str, ...]
    codes: IntArray

    def __post_init__(self) -> None:
        if len(self.codes) and not -1 <= int(self.codes.min()) <= int(self.codes.max()) < len(self.names):
            raise BadInput(f"A code of a level is not one of {len(self.names)} levels.")

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, values: Sequence[object], most: int = MOST) -> Levels:
        """The `most` most frequent values, the most frequent first; the others have no level. None is a level."""
        texts = np.array([MISSING if value is None else str(value) for value in values], dtype=object)
        names, code, rows = np.unique(texts.astype(str), return_inverse=True, return_counts=True)
        order = np.argsort(-rows, kind="stable")[:most]
        place = np.full(len(names), -1, np.int64)
        place[order] = np.arange(len(order))
        return cls(tuple(str(names[k]) for k in order), place[code])

    def pairs(self, other: Levels) -> IntArray:
        """(n,) one number for both levels of a row, this one's first; -1 where it lacks either."""
        both: IntArray = self.codes * len(other.names) + other.codes
        return np.where((self.codes < 0) | (other.codes < 0), -1, both)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """`names` made distinct: `missing` may be a category as well, and close numbers look alike in four digits."""
    before = [names[:place].count(name) for place, name in enumerate(names)]
    return tuple(f"{name} ({count + 1})" if count else name for name, count in zip(names, before, strict=True))
