"""How many labels to ask for, in which block, and what they would buy.

Two stages. Each block is asked for `first` random labels. Where these leave doubt, that is where the suspicion of harm
lies between `low` and `high`, it is asked for more. On ten real streams 20 labels a block, and 80 more in doubt (42 in
the mean), found harmed blocks with a recall of 0.80 at a precision of 0.77; no signal without labels came near.
Sampling the uncertain rows instead of random ones bought nothing. How many are worth having is bounded by
`labels_needed`: beyond it ordinary movement is what hides harm, and no label cures that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.harm import BlockLosses, HarmPolicy
from watchkeeper.monitors.harm_words import relative
from watchkeeper.monitors.suspicion import Suspicion
from watchkeeper.monitors.visibility import MOST, detectable, labels_needed

ROUTINE = "routine"
DOUBT = "in doubt"


@dataclass(frozen=True, kw_only=True)
class AskPolicy:
    """How many labels may be asked for."""

    first: int = 20
    more: int = 80
    most: int = 300
    low: float = 0.1
    high: float = 0.97

    def __post_init__(self) -> None:
        if self.first < 1 or self.more < 0 or not 0 <= self.low <= self.high <= 1:
            raise BadInput("Asking needs a first number of 1 or more, and a doubt that lies within 0 to 1.")


@dataclass(frozen=True)
class Ask:
    """Have the sample of a block brought to `size` rows, of which `had` were asked for before; `why` in words."""

    size: int
    had: int
    reason: str
    why: str

    @property
    def fresh(self) -> int:
        """How many more that is."""
        return self.size - self.had


def first_ask(policy: AskPolicy, rows: int) -> Ask | None:
    """What to ask of a block of `rows` predictions that closed; None of an empty one."""
    size = min(policy.first, rows)
    why = f"{size} random rows of each window tell whether the model got worse."
    return Ask(size, 0, ROUTINE, why) if size else None


def further_ask(policy: AskPolicy, suspicion: float, *, asked: int, rows: int, needed: int = 0) -> Ask | None:
    """What more to ask of a block whose first labels came; None where they left no doubt, or it was asked in full.

    `needed` is what `worth_having` says; it may raise the number beyond `more`, up to `most`.
    """
    if not policy.more:
        return None
    whole = policy.first + policy.more
    size = min(rows, max(whole, min(needed, policy.most)))
    if asked >= size or not policy.low < suspicion < policy.high:
        return None
    return Ask(size, asked, DOUBT, f"{asked} labels of this window leave open whether the model got worse.")


def worth_having(suspicion: Suspicion) -> int:
    """Labels a block beyond which more show little: their noise is 0.8 of what ordinary blocks move by themselves."""
    return labels_needed(suspicion.variance, suspicion.spread)


class Price(NamedTuple):
    """What one label costs, in any unit; 0 where that is not known."""

    each: float = 0.0
    unit: str = ""

    def of(self, labels: float) -> str:
        """What so many cost, in words; nothing where no price is known."""
        if not self.each:
            return ""
        cost = self.each * labels
        amount = f"{cost:,.0f}" if cost >= 100 else f"{cost:,.2f}" if cost >= 0.01 else f"{cost:.2g}"
        return f"{amount} {self.unit}".rstrip()


class Worth(NamedTuple):
    """The lasting rises of the loss that show with `labels` a window and with `more`, four times in five.

    `ordinary` is the loss that they rise from; beyond `needed` labels more show little.
    """

    labels: int
    more: int
    rise: float
    smaller: float
    ordinary: float
    needed: int
    horizon: int


def worth_of(ordinary: BlockLosses, labels: int, more: int, policy: HarmPolicy | None = None) -> Worth:
    """What labels show, given how the losses of `ordinary` blocks differ."""
    policy = policy or HarmPolicy()
    judged = Suspicion(ordinary)
    now, then = (
        detectable(_spread(judged, n), policy.horizon, policy.k, policy.h, policy.tolerance * judged.ordinary).lasting
        for n in (labels, more)
    )
    return Worth(labels, more, now, then, judged.ordinary, worth_having(judged), policy.horizon)


def buys(worth: Worth, price: Price | None = None) -> str:
    """One sentence: what shows with the labels of a window, with more of them, and for how much."""
    cost = (price or Price()).of(worth.more - worth.labels)
    paid = f", for {cost} more a window" if cost else ""
    words = (
        f"With {worth.labels:,} labels a window a lasting {relative(worth.rise, worth.ordinary)} shows within "
        f"{worth.horizon} windows four times in five; with {worth.more:,}{paid}, "
        f"{relative(worth.smaller, worth.ordinary)}."
    )
    return words if worth.needed >= MOST else f"{words} Beyond about {worth.needed:,} more labels show little."


def _spread(suspicion: Suspicion, labels: int) -> float:
    return math.sqrt(suspicion.spread**2 + suspicion.variance / max(labels, 1))
