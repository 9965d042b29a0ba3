"""What an estimator may learn from when a window begins: labels that were mature by then, else the labelled reference.

The newest 40 windows that were mature teach, once 8 of them have 30 labels or all together 2,000; their labels are
taken as they stand when the estimate is made. Before that the version's labelled reference teaches, where it was
registered with one of rows that the model did not learn from. A window's own labels, and any later window's, never do.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from watchkeeper.monitors.harm import BlockLosses
from watchkeeper.performance.estimate import LEAST_ROWS
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.losses import losses
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.tallies.tally import IntArray

TAUGHT = 40
LEAST_WINDOWS, LEAST_LABELS = 8, 2_000
BY_REFERENCE = "taught by the labelled reference, for too few labels of live windows were mature"
TOO_FEW = (
    f"fewer than {LEAST_WINDOWS} windows of {LEAST_ROWS} labels, or {LEAST_LABELS:,} labels, were mature before it, "
    "and the version has no labelled reference that may teach"
)


@dataclass(frozen=True, eq=False)
class Lesson:
    """K blocks with labels, by time: `counts` (K, size) by `layout`, and their scores `said`, None where not counted.

    `starts` are those of live windows, empty where the reference teaches. `note` says what must be known of them.
    """

    layout: Layout
    counts: IntArray
    said: tuple[IntArray | None, ...]
    starts: tuple[int, ...] = ()
    note: str = ""

    @property
    def taught(self) -> tuple[int, int]:
        """How many blocks, and how many labelled rows."""
        return len(self.counts), int(self.layout.cells.rows(self.counts).sum())

    @property
    def worth(self) -> float:
        """How many rows a labelled row is worth: fewer than one where weights differ."""
        total, cells = self.counts.sum(0), self.layout.cells
        return float(cells.effective(total)) / max(float(cells.weight(total)), 1e-9)

    @functools.cached_property
    def losses(self) -> BlockLosses:
        """The main loss of each block: what is ordinary, and how far blocks move by themselves."""
        return BlockLosses.of(*losses(self.layout, self.counts))

    @functools.cached_property
    def usual(self) -> dict[str, float]:
        """The metrics of all its rows: what is expected where nothing changes."""
        found = whole(metrics(self.layout, self.counts.sum(0)))
        return {name: one.value for name, one in found.items() if one.value is not None}


def lesson(windows: LabelledWindows, known: KnownBy, at: int, reference: ReferencePerformance | None) -> Lesson | None:
    """What teaches estimates of windows from `at` on (Unix seconds); None where nothing may."""
    if windows.layout is None:
        return None
    mature = known.mature_by(at)[-TAUGHT:]
    rows = [windows.at(start).rows for start in mature]
    if sum(n >= LEAST_ROWS for n in rows) >= LEAST_WINDOWS or sum(rows) >= LEAST_LABELS:
        return _live(windows, windows.layout, mature)
    if reference is None or not reference.teaches or not reference.rows or not _counts_alike(windows.layout, reference):
        return None
    return _from_reference(windows.layout, reference)


def whole(found: dict[str, Metric]) -> dict[str, Metric]:
    """Metrics of the whole model, not those of its classes."""
    return {name: one for name, one in found.items() if "[" not in name}


def _live(windows: LabelledWindows, layout: Layout, starts: Sequence[int]) -> Lesson:
    counts = np.stack([counts for start in starts if (counts := windows.at(start).counts) is not None])
    return Lesson(layout, counts, tuple(windows.at(start).said for start in starts), tuple(starts))


def _from_reference(layout: Layout, reference: ReferencePerformance) -> Lesson:
    said = () if reference.said is None else tuple(reference.said)
    return Lesson(layout, reference.counts, said, note=f"{BY_REFERENCE}; {reference.note}")


def _counts_alike(layout: Layout, reference: ReferencePerformance) -> bool:
    return bool(layout.to_dict() == reference.layout.to_dict())
