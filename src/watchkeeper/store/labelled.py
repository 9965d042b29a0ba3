"""Windows of one version with what labels say of them so far, and how far their labels have come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.maturity import Learned, Maturity, learn, maturity
from watchkeeper.store.performance import Performance, Scored, read_layouts


@dataclass(frozen=True, eq=False)
class LabelledWindows:
    """Windows of `width` seconds that have predictions or labels, by `starts` (Unix seconds, ascending).

    `layout` is None before the first row or label is counted; `predictions` and `scored` have what a window has.
    """

    layout: Layout | None
    delays: DelayLayout
    width: int
    starts: tuple[int, ...]
    predictions: Mapping[int, int]
    scored: Mapping[int, Scored]

    def at(self, start: int) -> Scored:
        """What is kept of a window; nothing, where it has no labels."""
        return self.scored.get(start, Scored(start, self.width))

    def since(self, start: int) -> LabelledWindows:
        """Those that start at `start` or later."""
        return replace(self, starts=tuple(one for one in self.starts if one >= start))

    def learned(self, now: float) -> Learned:
        """What these windows teach of how labels come, by `now` (Unix seconds)."""
        starts = [start for start in self.starts if start in self.predictions]
        counts = np.zeros((len(starts), self.delays.size), np.int64)
        for place, start in enumerate(starts):
            found = self.at(start).delays
            if found is not None:
                counts[place] = found
        asked = np.array([self.predictions[start] for start in starts], np.int64)
        return learn(self.delays, np.array(starts, np.float64) + self.width, asked, counts, now)

    def maturity(self, learned: Learned, start: int, now: float) -> Maturity:
        """How far the labels of the window at `start` have come."""
        rows = self.at(start).rows
        asked = max(self.predictions.get(start, 0), rows)
        return maturity(learned, start=start, end=start + self.width, predictions=asked, labels=rows, now=now)


def labelled_windows(
    performance: Performance,
    of: tuple[str, str],
    span: tuple[int, int],
    width: int,
    *,
    route: str | None = None,
    said: bool = False,
) -> LabelledWindows:
    """The windows of `of` (model, version) that start in `span` [start, end), of one route or of all.

    What their rows `said` is read too where it is asked for: rows counted before an upgrade are not in it.
    """
    kept = performance.layout(*of)
    layout, delays = (None, DelayLayout()) if kept is None else read_layouts(kept)
    predictions = performance.predictions(*of, *span, width, route=route)
    scored = {step.start: step for step in performance.series(*of, *span, width, route=route, said=said)}
    starts = tuple(sorted({*predictions, *scored}))
    return LabelledWindows(layout, delays, width, starts, predictions, scored)
