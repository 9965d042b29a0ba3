"""Harm in plain words: how much worse, since when, and what a silence is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.onset import Onset
from watchkeeper.monitors.sentences import number
from watchkeeper.monitors.visibility import MOST, Visible


@dataclass(frozen=True)
class Told:
    """The mean loss of the last `blocks` blocks against the `ordinary` mean; `error` is half its 95 % interval."""

    mean: float
    ordinary: float
    error: float
    blocks: int

    @property
    def change(self) -> str:
        """`+55 %`, or the plain difference where ordinary blocks have no loss."""
        return relative(self.mean - self.ordinary, self.ordinary)


@dataclass(frozen=True)
class Sight:
    """What can be seen with the labels there are, and with as many (`needed`) as are worth having."""

    labels: int
    now: Visible
    needed: int
    then: Visible


def relative(rise: float, ordinary: float) -> str:
    """A change in percent of what is ordinary."""
    return f"{100 * (rise / abs(ordinary)):+.0f} %" if ordinary else f"{rise:+.2g}"


def sentence(feature: str, told: Told, begun: Onset | None, verdict: Verdict, ordinary: str = "ordinarily") -> str:
    """What is so; empty for a block that is ordinary. `ordinary` says when the ordinary mean was what it is."""
    levels = f"{number(told.mean)} against {number(told.ordinary)} {ordinary} ({told.change})"
    if begun is not None:
        way = "rose" if verdict is Verdict.ALARM else "fell"
        return f"The {feature} {way}: {levels}, {_since(told.blocks, begun)}."
    return f"The {feature} of this window is {levels}, which is odd for one window." if verdict is Verdict.WARN else ""


def times(begun: Onset | None, starts: Sequence[int | None]) -> dict[str, Any]:
    """The fields of a finding that say since when; nothing where blocks came without their starts."""
    if begun is None or None in starts[begun.low or begun.index :]:
        return {}
    low, high = (None if place is None else starts[place] for place in (begun.low, begun.high))
    return {"onset": starts[begun.index], "onset_low": low, "onset_high": high, "gradual": begun.gradual}


def _since(blocks: int, begun: Onset) -> str:
    windows = f"{blocks} windows" if blocks > 1 else "this window"
    if begun.gradual:
        return f"gradually, and for {windows} at least"
    return f"in the last {windows}" if blocks > 1 else f"in {windows}"


def note(told: Told, sight: Sight) -> str:
    """What could have been seen here, and what more labels would buy."""
    ordinary = told.ordinary
    lasting, at_once = relative(sight.now.lasting, ordinary), relative(sight.now.at_once, ordinary)
    seen = f"A lasting {lasting} shows within {sight.now.blocks} windows four times in five, in one window {at_once}."
    if sight.needed >= MOST or sight.labels >= sight.needed:
        return f"{seen} More labels a window would show little more: ordinary windows differ by themselves."
    better = relative(sight.then.lasting, ordinary)
    return f"{seen} With {sight.needed:,} random labels a window instead of {sight.labels:,}, a lasting {better} would."
