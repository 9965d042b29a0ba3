"""Rows that cannot be counted, each with the reason in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import IntArray

Reason = str | Callable[[int], str]


class Faults:
    """The bad rows among n, found one rule after another. A row keeps the first reason that was found for it.

    Reasons are put into words only when they are asked for: where every row is bad they would cost the most.
    """

    def __init__(self, rows: int) -> None:
        self.bad: BoolArray = np.zeros(rows, bool)
        self._found: list[tuple[BoolArray, Reason]] = []

    @property
    def reasons(self) -> dict[int, str]:
        """{row: why it is bad}."""
        return {
            row: reason if isinstance(reason, str) else reason(row)
            for rows, reason in self._found
            for row in np.flatnonzero(rows).tolist()
        }

    def add(self, rows: BoolArray, reason: Reason) -> None:
        """Mark `rows` (n,) as bad; `reason` is the same for all, or worded for each."""
        fresh = rows & ~self.bad
        if fresh.any():
            self._found.append((fresh, reason))
            self.bad |= rows

    def take_over(self, rows: BoolArray, found: Faults) -> None:
        """Add what was `found` of those rows alone that `rows` (n,) are."""
        places = np.flatnonzero(rows)
        for bad, reason in found._found:
            marked = np.zeros(len(rows), bool)
            marked[places[bad]] = True
            self.add(marked, reason if isinstance(reason, str) else _moved(reason, places))

    def check(self, hint: str) -> None:
        """Raise BadInput that names the first bad row, its reason, and how many more there are."""
        reasons = self.reasons
        if not reasons:
            return
        first = min(reasons)
        more = f" {len(reasons) - 1:,} more rows are wrong." if len(reasons) > 1 else ""
        raise BadInput(f"Row {first}: {reasons[first]}.{more}", hint=hint)


def _moved(reason: Callable[[int], str], places: IntArray) -> Callable[[int], str]:
    """The `reason` of rows that are now at `places`, ascending."""
    return lambda row: reason(int(np.searchsorted(places, row)))
