"""Is a window's performance to be believed yet? How many of its labels have come, and whether they are a fair sample.

`arrived` is the share of a window's eventual labels that its age lets have come by now, learned from earlier windows
(arrival.py). A window is immature until that share reaches 0.9. Coverage is labels by predictions; where some
predictions never get a label, it ends below 1, so `final_coverage`, that of mature windows, is what to expect.

Biased arrival: where one kind of label comes earlier, the labels of an immature window lean towards it, and so do all
metrics of it. Per group of labels the arrival is learned apart; `lean` is the largest difference, at this window's age,
between a group's share arrived and that of all labels. It is reported at 0.1 or more where delays and groups are
dependent (chi-square of labels by group and quarter of the delays, in mature windows, p <= 0.001).
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import special

from watchkeeper.performance.arrival import Arrival, learn_arrival
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.tallies.tally import FloatArray, IntArray

MATURE = 0.9
LEAN = 0.1
LEVEL = 0.001
FEWEST = 50
DAY = 86_400


class Learned(msgspec.Struct, frozen=True, kw_only=True):
    """What earlier windows taught: arrival of all labels and of each group, and whether groups differ."""

    arrival: Arrival | None
    by_group: dict[str, Arrival | None]
    final_coverage: float | None
    dependence: float | None
    """p-value of no dependence between delay and group; None where it cannot be tested."""


class Maturity(msgspec.Struct, frozen=True, kw_only=True):
    """How far a window's labels have come. Times are Unix seconds.

    `arrived` is None where nothing is known of delays yet. `immature_until` is None where the window is mature or
    nothing is known. `lean` maps groups to their own share arrived, only where arrival is biased.
    """

    predictions: int
    labels: int
    coverage: float | None
    arrived: float | None
    final_coverage: float | None
    mature: bool
    immature_until: float | None
    lean: dict[str, float] | None
    note: str


def learn(layout: DelayLayout, ends: FloatArray, predictions: IntArray, counts: IntArray, as_of: float) -> Learned:
    """From K windows: `ends` (K,) Unix seconds, `predictions` (K,), delay `counts` (K, size) come by `as_of`."""
    delays, age = layout.delays(counts), as_of - ends
    arrival = learn_arrival(age, delays.sum(1))
    by_group = {name: learn_arrival(age, delays[:, k]) for k, name in enumerate(layout.groups)}
    if arrival is None or arrival.labels < FEWEST:
        return Learned(arrival=None, by_group={}, final_coverage=None, dependence=None)
    old = age >= arrival.delay_of(MATURE)
    asked = int(predictions[old].sum())
    coverage = float(delays[old].sum()) / asked if asked else None
    return Learned(
        arrival=arrival, by_group=by_group, final_coverage=coverage, dependence=_dependence(delays[old].sum(0))
    )  # fmt: skip


def _dependence(delays: FloatArray) -> float | None:
    """p-value of Pearson's chi-square of groups by quarters of the delays, `delays` (groups, bins)."""
    delays = delays[delays.sum(1) > 0]
    total = delays.sum()
    if len(delays) < 2 or total < FEWEST:
        return None
    quarter = np.minimum((4 * (np.cumsum(delays.sum(0)) - delays.sum(0) / 2) / total).astype(np.int64), 3)
    table = np.array([np.bincount(quarter, row, 4) for row in delays])
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2:
        return None
    expected = table.sum(1, keepdims=True) * table.sum(0) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(special.chdtrc((table.shape[0] - 1) * (table.shape[1] - 1), statistic))


def maturity(learned: Learned, *, start: float, end: float, predictions: int, labels: int, now: float) -> Maturity:
    """The maturity at `now` of the window [start, end) of `predictions`, of which `labels` have a label."""
    coverage = labels / predictions if predictions else None
    arrival = learned.arrival
    if arrival is None:
        return Maturity(
            predictions=predictions, labels=labels, coverage=coverage, arrived=None, final_coverage=None, mature=False,
            immature_until=None, lean=None, note="how long labels take is not known yet: fewer than 50 have come",
        )  # fmt: skip
    arrived = arrival.over(now - end, now - start)
    mature = arrived >= MATURE
    until = None if mature else _matures(arrival, start, end)
    lean = _lean(learned, arrived, now - end, now - start)
    return Maturity(
        predictions=predictions, labels=labels, coverage=coverage, arrived=arrived,
        final_coverage=learned.final_coverage, mature=mature, immature_until=until, lean=lean,
        note=_words(arrived, mature, lean, learned),
    )  # fmt: skip


def _matures(arrival: Arrival, start: float, end: float) -> float:
    """When the window's mean share arrived reaches the mark: bisection, as the share only rises."""
    low, high = end, end + arrival.horizon
    for _ in range(40):
        middle = (low + high) / 2
        reached = arrival.over(middle - end, middle - start) >= MATURE
        low, high = (low, middle) if reached else (middle, high)
    return high


def _lean(learned: Learned, arrived: float, youngest: float, oldest: float) -> dict[str, float] | None:
    if learned.dependence is None or learned.dependence > LEVEL:
        return None
    known = {name: one.over(youngest, oldest) for name, one in learned.by_group.items() if one is not None}
    if max(abs(share - arrived) for share in known.values()) < LEAN:
        return None
    return known


def _words(arrived: float, mature: bool, lean: dict[str, float] | None, learned: Learned) -> str:
    said = [] if mature else [f"about {arrived:.0%} of the labels of a window this young have come"]
    if lean is not None:
        first, last = max(lean, key=lambda name: lean[name]), min(lean, key=lambda name: lean[name])
        said.append(
            f"labels do not come evenly: {lean[first]:.0%} of {first} have come, but only {lean[last]:.0%} of {last}; "
            f"metrics of this window lean towards {first}"
        )
    late = [one for one in (learned.arrival, *learned.by_group.values()) if one is not None and one.still_coming]
    if late:
        days = late[0].horizon / DAY
        said.append(f"labels still came in the oldest windows: delays beyond {days:.3g} days are not known")
    return "; ".join(said)
