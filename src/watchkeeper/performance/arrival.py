"""The share of labels that come within a delay, learned from windows that are themselves not complete yet.

Labels seen so far come from predictions of every age, and a young prediction can only have shown its early labels:
counting delays as they are makes labels look faster than they are. Each delay bin is therefore compared only between
windows old enough to have shown all of it: of the labels that came within the bin's end, the share that came inside the
bin (reverse hazards of right-truncated data: Lagakos, Barraj and De Gruttola, 1988; the chain ladder of insurance).
Their product gives the share F(d) of labels come within d, among labels that come within the oldest window's age. What
comes later than anything watched so far cannot be known: `horizon` says how far F reaches. Ages are taken from the end
of a window, so windows should be short beside the delays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.performance.delays import EDGES
from watchkeeper.tallies.tally import FloatArray

_INSIDE = EDGES[1:]


@dataclass(frozen=True, eq=False)
class Arrival:
    """`share` (bins,) of labels come by each upper edge, for delays up to `horizon` seconds, from `labels` labels."""

    share: FloatArray
    horizon: float
    labels: int

    def within(self, delay: float | FloatArray) -> FloatArray:
        """Share of labels come within `delay` seconds, linear inside a bin; 1 beyond the horizon."""
        found: FloatArray = np.interp(delay, np.concatenate([[0.0], _INSIDE]), np.concatenate([[0.0], self.share]))
        return np.where(np.asarray(delay) >= self.horizon, 1.0, found)

    @property
    def still_coming(self) -> bool:
        """Whether more than a tenth of the labels took over half the horizon: then some may well take longer."""
        return bool(self.within(self.horizon / 2) < 0.9)

    def over(self, youngest: float, oldest: float) -> float:
        """Mean share come for predictions evenly spread over ages `youngest` to `oldest`."""
        return float(self.within(np.linspace(max(youngest, 0.0), max(oldest, 0.0), 33)).mean())

    def delay_of(self, share: float) -> float:
        """The delay within which `share` of the labels come."""
        known = np.concatenate([[0.0], self.share])
        edges = np.concatenate([[0.0], _INSIDE])
        at = int(np.searchsorted(known, share, "left"))
        if at >= len(known):
            return self.horizon
        if at == 0:
            return 0.0
        step = (share - known[at - 1]) / max(known[at] - known[at - 1], 1e-300)
        return float(min(edges[at - 1] + step * (edges[at] - edges[at - 1]), self.horizon))


def learn_arrival(age: FloatArray, delays: FloatArray) -> Arrival | None:
    """Arrival from K windows: `age` (K,) seconds since each window's end, `delays` (K, bins) labels come so far.

    None where no window has both an age and labels.
    """
    delays = delays[:, : len(_INSIDE)]
    old = age > 0
    age, delays = age[old], delays[old]
    if not delays.sum():
        return None
    horizon = float(age[delays.sum(1) > 0].max())
    complete = age[:, None] >= _INSIDE[None, :]
    inside = (delays * complete).sum(0)
    upto = (np.cumsum(delays, 1) * complete).sum(0)
    hazard = np.where(upto > 0, inside / np.maximum(upto, 1e-300), 0.0)
    after = np.concatenate([np.cumprod((1 - hazard)[::-1])[::-1][1:], [1.0]])
    return Arrival(share=after, horizon=horizon, labels=round(float(delays.sum())))
