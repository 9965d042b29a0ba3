"""One figure of a cell: what was measured, on how much, how sure, and whether it meets its goal."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from bench.detection.interval import wilson


class Goal(msgspec.Struct, frozen=True):
    """What the figure must reach: at most `value` (`sense` "<=") or at least (">=")."""

    sense: str
    value: float

    def met(self, value: float) -> bool:
        return value <= self.value if self.sense == "<=" else value >= self.value


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`value` with its 95 % interval `low` to `high`, from `trials` (windows, streams, blocks) of `of`.

    `met` is None where there is no goal. A value that is not finite (nothing found) is written as text in JSON.
    """

    what: str
    value: float | str
    trials: int
    of: str = "windows"
    low: float | None = None
    high: float | None = None
    goal: Goal | None = None
    met: bool | None = None
    note: str = ""

    @property
    def number(self) -> float:
        return float(self.value)


def rate(
    what: str,
    hits: float,
    trials: int,
    *,
    of: str = "windows",
    goal: Goal | None = None,
    per: float = 1.0,
    note: str = "",
) -> Figure:
    """A share of trials with Wilson's interval; `per` scales it ("per 1,000")."""
    low, high = (end * per for end in wilson(hits, trials))
    return _figure(what, hits / max(trials, 1) * per, trials, of=of, low=low, high=high, goal=goal, note=note)


def measured(
    what: str,
    value: float,
    trials: int,
    *,
    of: str = "windows",
    goal: Goal | None = None,
    between: tuple[float, float] | None = None,
    note: str = "",
) -> Figure:
    """Any other figure; `between` are the limits of its interval or spread."""
    low, high = between or (None, None)
    return _figure(what, value, trials, of=of, low=low, high=high, goal=goal, note=note)


def _figure(
    what: str,
    value: float,
    trials: int,
    *,
    of: str,
    low: float | None,
    high: float | None,
    goal: Goal | None,
    note: str,
) -> Figure:
    met = None if goal is None or not trials else goal.met(value)
    known = value if math.isfinite(value) else str(value)
    return Figure(what=what, value=known, trials=trials, of=of, low=low, high=high, goal=goal, met=met, note=note)


def total(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    """Counts of all parts added up, key by key."""
    found: dict[str, float] = {}
    for part in parts:
        for key, value in part.items():
            found[key] = found.get(key, 0) + value
    return found
