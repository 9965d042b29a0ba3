"""Decisions by class under the names of Seldon Core's metric server, so that its dashboards go on working.

As there, but right: every row of a batch is scored, and a correct decision is a true negative of every *other* class.
Of a binary model the class is the positive one. A counter never falls, so these count what labels said first; what
corrections changed is in the performance of each window.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric as Family

from watchkeeper.api.context import Context
from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.multiclass import MulticlassLayout
from watchkeeper.store.performance import read_layouts
from watchkeeper.tallies.tally import FloatArray, IntArray
from watchkeeper.telemetry import SELDON_METRICS


def decisions(context: Context) -> Iterator[Family]:
    """True and false positives and negatives of every classifier that has labels."""
    families = [CounterMetricFamily(one.family, one.help, labels=one.labels) for one in SELDON_METRICS]
    store = context.store.performance
    for source, total in store.totals():
        kept = store.layout(source.model, source.version)
        if kept is None or total.before is None:
            continue
        for name, cells in cells_by_class(read_layouts(kept)[0], total.before):
            for family, value in zip(families, cells, strict=True):
                family.add_metric([source.model, source.version, source.route, name], value)
    yield from families


def cells_by_class(layout: Layout, counts: IntArray) -> list[tuple[str, tuple[float, ...]]]:
    """For each class its name and (true positives, false positives, true negatives, false negatives)."""
    if isinstance(layout, BinaryLayout):
        return [(layout.classes[1], _against_rest(layout.decisions(counts), 1))]
    if isinstance(layout, MulticlassLayout):
        table = layout.confusion(counts)
        return [(name, _against_rest(table, place)) for place, name in enumerate(layout.named)]
    return []


def _against_rest(table: FloatArray, place: int) -> tuple[float, ...]:
    """One class against all others, from rows by truth, then by decision."""
    hit = float(table[place, place])
    said, was = float(table[:, place].sum()), float(table[place].sum())
    return hit, said - hit, float(np.sum(table)) - said - was + hit, was - hit
