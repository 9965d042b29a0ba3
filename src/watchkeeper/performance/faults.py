"""Rows that cannot be counted, each with the reason in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.numbers import BoolArray


class Faults:
    """The bad rows among n, found one rule after another. A row keeps the first reason that was found for it."""

    def __init__(self, rows: int) -> None:
        self.bad: BoolArray = np.zeros(rows, bool)
        self.reasons: dict[int, str] = {}

    def add(self, rows: BoolArray, reason: str | Callable[[int], str]) -> None:
        """Mark `rows` (n,) as bad; `reason` is the same for all, or worded for each."""
        for row in np.flatnonzero(rows & ~self.bad).tolist():
            self.reasons[row] = reason if isinstance(reason, str) else reason(row)
        self.bad |= rows

    def check(self, hint: str) -> None:
        """Raise BadInput that names the first bad row, its reason, and how many more there are."""
        if not self.reasons:
            return
        first = min(self.reasons)
        more = f" {len(self.reasons) - 1:,} more rows are wrong." if len(self.reasons) > 1 else ""
        raise BadInput(f"Row {first}: {self.reasons[first]}.{more}", hint=hint)
