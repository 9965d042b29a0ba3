"""Whether a rater says what people say: a rater is a model too, and its labels are as good as it is.

It is held against people on requests drawn at random, where its word does not become the label. Only such a draw is
fair: rows that people corrected, or that it skipped, are those where the two differ. For classes the share of agreement
has Wilson's interval (1927), and so has each class that people named, for a rater that always says the frequent class
agrees often; agreement beyond chance is kappa (Cohen, "A coefficient of agreement for nominal scales", 1960). For
numbers it is the mean absolute difference with a t interval. People err too: this says how far the two agree, not who
is right.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from watchkeeper.performance.metric import Basis, Metric, mean, share, within

FEWEST = 30
"""Requests that both answered, below which nothing is concluded."""

_NOBODY = "no request was answered by people and by the rater"


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How far rater and people agree on `n` requests, drawn at random, that both answered.

    `share` is of equal labels and `by_class` of those that people gave each class; `kappa` is what is left of agreement
    beyond chance (1: all, 0: none; None where one class is all there is). `difference` is the mean absolute one, for
    numbers. `words` say it.
    """

    n: int
    words: str
    share: Metric | None = None
    by_class: dict[str, Metric] = {}
    kappa: float | None = None
    difference: Metric | None = None


def agreement(pairs: Sequence[tuple[str, str]], *, regression: bool) -> Agreement:
    """Of `pairs` (what the rater said, what people said)."""
    if not pairs:
        words = "Nobody has checked the rater yet: no request that is left to people was answered by both."
        return Agreement(n=0, words=words)
    return _of_numbers(pairs) if regression else _of_classes(pairs)


def _of_classes(pairs: Sequence[tuple[str, str]]) -> Agreement:
    whole = _share(pairs)
    named = sorted({truth for _, truth in pairs})
    return Agreement(
        n=len(pairs),
        words=f"The rater agrees with people on {_percent(whole)} of {_requests(len(pairs))}.{_few(len(pairs))}",
        share=whole,
        by_class={name: _share([pair for pair in pairs if pair[1] == name]) for name in named},
        kappa=_kappa(pairs),
    )


def _of_numbers(pairs: Sequence[tuple[str, str]]) -> Agreement:
    gaps = [abs(float(said) - float(truth)) for said, truth in pairs]
    n = len(gaps)
    found = within(mean(sum(gaps), sum(gap * gap for gap in gaps), n, _basis(n), _NOBODY))
    between = "" if found.low is None or found.high is None else f" ({found.low:.3g} to {found.high:.3g})"
    words = f"Rater and people differ by {found.value:.3g}{between} in the mean of {_requests(n)}.{_few(n)}"
    return Agreement(n=n, words=words, difference=found)


def _share(pairs: Sequence[tuple[str, str]]) -> Metric:
    return share(sum(said == truth for said, truth in pairs), len(pairs), _basis(len(pairs)), _NOBODY)


def _basis(n: int) -> Basis:
    return Basis(rows=n, weight=n, effective=n)


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    n = len(pairs)
    said, truth = (Counter(pair[place] for pair in pairs) for place in (0, 1))
    chance = sum(said[name] * truth[name] for name in truth) / n**2
    seen = sum(one == other for one, other in pairs) / n
    return None if math.isclose(chance, 1.0) else (seen - chance) / (1 - chance)


def _percent(one: Metric) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "an unknown share"
    return f"{one.value:.0%} ({one.low:.0%} to {one.high:.0%})"


def _requests(n: int) -> str:
    return f"{n:,} requests that both answered" if n > 1 else "the one request that both answered"


def _few(n: int) -> str:
    return "" if n >= FEWEST else f" That is too few to trust or to blame it: {FEWEST} tell more."
