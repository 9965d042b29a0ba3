"""Findings in plain words, one sentence each: what is so, where, and compared with what."""

from __future__ import annotations

import math

from watchkeeper.detectors.registry import Evidence
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.tally import IntArray

_STATES: dict[Evidence, str] = {
    Evidence.MISSING: "is missing",
    Evidence.INFINITE: "is infinite",
    Evidence.WRONG_TYPE: "has the wrong type",
    Evidence.UNSEEN: "is a category that the reference never had",
    Evidence.RANGE: "lies outside the range of the reference",
    Evidence.TAIL: "lies in the far tails of the reference",
    Evidence.ERROR: "failed",
}


def percent(share: float) -> str:
    """`0.314` -> `31 %`; two digits that matter."""
    if share == 0:
        return "0 %"
    if share >= 0.995:
        return "100 %" if share == 1 else f"{100 * share:.1f} %"
    digits = max(0, 1 - math.floor(math.log10(100 * share)))
    return f"{100 * share:.{min(digits, 4)}f} %"


# What can be said of (mean, standard deviation) where values too far out (below, above) were clipped in the sums.
_BOUNDS = {
    (False, False): ("", ""),
    (True, False): ("under ", "over "),
    (False, True): ("over ", "over "),
    (True, True): ("unknown, clipped ", "over "),
}


def number(value: float) -> str:
    """Four significant digits, thousands apart."""
    if not math.isfinite(value):
        return "none"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def apart(value: float, before: float) -> str:
    """`2 against 1`, with as many digits as it takes to tell them apart."""
    if not (math.isfinite(value) and math.isfinite(before)):
        return f"{number(value)} against {number(before)}"
    gap, size = abs(value - before), max(abs(value), abs(before))
    digits = 4 if gap == 0 else min(15, max(4, 2 + math.ceil(math.log10(size / gap))))
    if digits == 4:
        return f"{number(value)} against {number(before)}"
    return f"{value:.{digits}g} against {before:.{digits}g}"


def rate_sentence(feature: str, kind: Evidence, *, rate: float, ordinary: float, worst: float, blocks: int) -> str:
    """`31 % of `duration` is missing; ...`."""
    usual = f"the reference had {percent(ordinary)}"
    if blocks and worst > 0:
        usual += f", {percent(worst)} in its worst window"
    return f"{percent(rate)} of `{feature}` {_STATES[kind]}; {usual}."


def level_words(bins: NumericBins, reference: IntArray, window: IntArray) -> str:
    """`mean 1,657 against 1,029, standard deviation ...`: the window against the reference, from one column's cells."""
    n, mean, sd = bins.moments(window)
    _, mean_before, sd_before = bins.moments(reference)
    if not n:
        return "no values"
    what = "mean length" if bins.length else "mean"
    bound, spread_bound = _BOUNDS[bins.clipped(window)]
    level, spread = apart(float(mean), float(mean_before)), apart(float(sd), float(sd_before))
    return f"{what} {bound}{level}, standard deviation {spread_bound}{spread}"
