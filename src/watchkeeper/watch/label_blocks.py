"""Mature blocks of what labels say of a version: mean loss and bias of each window, by time.

A window is a block once it is mature: nine in ten of its labels have come (performance/maturity.py). What labels say of
a window is a few numbers; they are kept in memory (about half a kilobyte a window) and read again only where a label
has come since. So a pass over versions whose labels trickle in reads the last windows, and not the last months.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.bias import biases
from watchkeeper.performance.delays import BINS, DelayLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.losses import losses
from watchkeeper.performance.maturity import Maturity, learn, maturity
from watchkeeper.store.buckets import Source
from watchkeeper.store.kept_windows import KeptWindows
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.scored_windows import ScoredWindow, scored_windows
from watchkeeper.store.store import Store
from watchkeeper.tallies.tally import FloatArray, IntArray, Tally

_ANY = DelayLayout()  # when labels come, whatever they say
_WINDOWS = 400  # of a source, kept in memory
_NOTHING = (math.nan, 0.0, math.nan)
Figures = tuple[float, float, float]
"""Mean, effective rows and variance of one row."""


class _Kept(NamedTuple):
    loss: Figures
    bias: Figures | None
    delays: bytes
    rows: int


@dataclass(frozen=True)
class LabelBlocks:
    """Mature windows of one source by time: `starts` (K,), `losses` and `biases` (K, 3) as `Figures`.

    `biases` is None for tasks that have none. `due` is when the next window closes or matures, as far as is known.
    `labels` (K,) are how many rows have one.
    """

    starts: IntArray
    losses: FloatArray
    biases: FloatArray | None
    due: float
    labels: IntArray

    def since(self, start: float, end: float = math.inf) -> LabelBlocks:
        """Those that start in [start, end)."""
        first, last = np.searchsorted(self.starts, [start, end])
        return self._part(slice(int(first), int(last)))

    def first(self, blocks: int) -> LabelBlocks:
        """The first so many."""
        return self._part(slice(blocks))

    def after(self, blocks: int) -> LabelBlocks:
        """Those after the first so many."""
        return self._part(slice(blocks, None))

    def last(self, blocks: int) -> LabelBlocks:
        """The last so many, at least one."""
        return self._part(slice(-blocks, None))

    def _part(self, here: slice) -> LabelBlocks:
        biases = None if self.biases is None else self.biases[here]
        return LabelBlocks(self.starts[here], self.losses[here], biases, self.due, self.labels[here])

    def __len__(self) -> int:
        return len(self.starts)


def block_losses(figures: FloatArray) -> BlockLosses:
    """Figures (K, 3) as blocks."""
    return BlockLosses.of(figures[:, 0], figures[:, 1], figures[:, 2])


class LabelReader:
    """Reads blocks of any source, and what has changed only once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = KeptWindows(store, _reduced, _WINDOWS)

    def blocks(self, source: Source, span: tuple[int, int], width: int, now: float) -> LabelBlocks:
        """The windows of `width` seconds that start in `span` and are mature at `now` (Unix seconds)."""
        kept = self._kept.read(source, span, width)
        known = _maturities(kept, width, now)
        ready = [start for start, found in known.items() if found.mature]
        waited = [found.immature_until for found in known.values() if found.immature_until is not None]
        open_ = [start + width for start in known if start + width > now]
        biases = [kept[start].bias for start in ready]
        return LabelBlocks(
            np.array(ready, np.int64),
            np.array([kept[start].loss for start in ready], np.float64).reshape(-1, 3),
            None if None in biases else np.array(biases, np.float64).reshape(-1, 3),
            min([*waited, *open_], default=math.inf),
            np.array([kept[start].rows for start in ready], np.int64),
        )

    def seen(self, source: Source, span: tuple[int, int], width: int) -> tuple[IntArray, FloatArray]:
        """((K,) starts of the windows in `span` that have labels, mature or not, (K, 3) their losses as `Figures`)."""
        losses = {start: found.loss for start, found in self._kept.read(source, span, width).items() if found.rows}
        return np.array(list(losses), np.int64), np.array(list(losses.values()), np.float64).reshape(-1, 3)

    def counts(self, source: Source, starts: IntArray, width: int) -> tuple[Layout, IntArray] | None:
        """The layout and the counts (K, size) of the windows at `starts` (K,); None where one of them has none."""
        text = self._store.performance.layout(source.model, source.version)
        with self._store.read() as connection:
            found = scored_windows(connection, source, starts.tolist(), width)
        counts = [window.counts for window in found.values() if window.counts is not None]
        if text is None or not counts or len(counts) < len(starts):
            return None
        return read_layouts(text)[0], np.stack(counts)

    def forget(self, sources: Mapping[Source, object]) -> None:
        """Keep what is known of these sources only."""
        self._kept.forget(sources)


def _reduced(layout: Layout, delays: DelayLayout, window: ScoredWindow) -> _Kept:
    """A window as the few numbers that are kept of it."""
    if window.counts is None:
        return _Kept(_NOTHING, None, b"", 0)
    counts = window.counts[None]
    loss, bias = losses(layout, counts), biases(layout, counts)
    came = b"" if window.delays is None else _all_groups(delays, window.delays)
    rows = int(layout.cells.rows(counts)[0])
    return _Kept(_figures(loss), None if bias is None else _figures(bias), came, rows)


def _figures(found: tuple[FloatArray, FloatArray, FloatArray]) -> Figures:
    mean, rows, variance = (float(part[0]) for part in found)
    return mean, rows, variance


def _all_groups(layout: DelayLayout, counts: IntArray) -> bytes:
    """Delays of all groups of labels together, packed."""
    first = layout.cells.start("delay")
    together = np.concatenate([counts[:first], counts[first:].reshape(-1, BINS).sum(0)])
    return Tally(together, np.zeros(0), np.zeros(0)).to_bytes()


def _maturities(kept: Mapping[int, _Kept], width: int, now: float) -> dict[int, Maturity]:
    """How far the labels of each window that has pairs have come."""
    starts = list(kept)
    counts = np.zeros((len(starts), _ANY.size), np.int64)
    for place, start in enumerate(starts):
        if kept[start].delays:
            counts[place] = Tally.from_bytes(kept[start].delays).counts
    asked = np.array([kept[start].rows for start in starts], np.int64)
    learned = learn(_ANY, np.array(starts, np.float64) + width, asked, counts, now)
    return {
        start: maturity(learned, start=start, end=start + width, predictions=0, labels=found.rows, now=now)
        for start, found in kept.items()
        if found.rows
    }
