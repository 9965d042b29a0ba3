"""Harm in a segment, in plain words: where, by how much, and what the other rows did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.sentences import number, percent
from watchkeeper.performance.segment_blocks import Segment


@dataclass(frozen=True)
class Rise:
    """Mean losses of a segment and of all other rows, before and now; the others' rise has a sampling `error`."""

    before: float
    now: float
    others_before: float
    others_now: float
    error: float = 0.0


def named(segment: Segment, hidden: Mapping[str, str]) -> str:
    """`carrier is UA`; `hidden` says how a feature's values were made unreadable (`hashed`)."""
    feature, level = segment
    how = hidden.get(feature)
    return f"{feature} is {level}" if how is None else f"{feature} is the {how} value {level}"


def sentence(loss: str, where: str, rise: Rise, tolerance: float, finer: str = "") -> str:
    """As in `The error rose where carrier is UA: 0.31 against 0.22 ordinarily (+41 %), elsewhere it did not`."""
    levels = (
        f"{number(rise.now)} against {number(rise.before)} ordinarily ({relative(rise.now - rise.before, rise.before)})"
    )
    only = f" All of it is where {finer}." if finer else ""
    return f"The {loss} rose where {where}: {levels}, {_elsewhere(rise, tolerance)}.{only}"


def _elsewhere(rise: Rise, tolerance: float) -> str:
    change = rise.others_now - rise.others_before
    if change <= max(tolerance * abs(rise.others_before), 2 * rise.error):
        return "elsewhere it did not"
    return f"elsewhere by {relative(change, rise.others_before)}"


def note(share: float, segments: int, blocks: tuple[int, int], smallest: str) -> str:
    """How large the segment is, how many were looked at, and what would have been seen."""
    return (
        f"{percent(share)} of the labels are in it. {segments:,} segments were looked at, {blocks[1]} windows against "
        f"{blocks[0]} ordinary ones. A lasting {smallest} there shows four times in five."
    )
