"""A segment of the rows, and what is said of all segments together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Segment:
    """Rows where every one of `conditions` (name of a feature, value) holds; none of them means all rows.

    `effect` is the total variation of the watched feature within it, with its 95 % interval; `p_value` is corrected for
    the search. `smallest` is the effect that would have been found four times in five: what *not moved* is worth.
    """

    conditions: tuple[tuple[str, str], ...]
    n_before: int
    n_now: int
    share_before: float
    share_now: float
    effect: float
    low: float
    high: float
    p_value: float
    smallest: float
    moved: bool

    @property
    def name(self) -> str:
        """`carrier=AA and origin=JFK`."""
        return " and ".join(f"{name}={value}" for name, value in self.conditions)


@dataclass(frozen=True)
class Segments:
    """Where `feature` moved. `whole` is all rows; `column` the name of the feature whose segments tell it best.

    `moved` and `still` are those segments, the largest effect first; `rest` is all rows outside the moved ones. `finer`
    are the moved ones with those that a second column narrows down in their place; none where it narrows none. `mix`
    names columns whose mix explains the move. `too_few` are names of segments with too few rows; `looked_at` counts
    every segment that was tested.
    """

    feature: str
    whole: Segment
    column: str | None
    moved: tuple[Segment, ...]
    still: tuple[Segment, ...]
    rest: Segment | None
    finer: tuple[Segment, ...]
    mix: tuple[str, ...]
    too_few: tuple[str, ...]
    looked_at: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, by the names of the fields."""
        return asdict(self)
