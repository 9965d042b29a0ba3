"""How well many models do, for a page that lists them: the main metric on all labels of each that ever came.

Reading windows of a thousand models takes a minute; every total is one row of the store. What was read of a total is
kept until feedback changes it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from watchkeeper.api.context import Context
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.store.buckets import Source
from watchkeeper.store.performance import read_layouts
from watchkeeper.store.versions import LIVE


class Listed(NamedTuple):
    """A model's live version, and its task."""

    model: str
    version: str
    task: str


def performance_so_far(context: Context, models: Iterable[Listed]) -> dict[str, Metric]:
    """The main metric by model, on all labels of what its live version answered on the live route; most have no news.

    A model is left out where no label came, or none that says something.
    """
    asked = {Source(one.model, one.version, LIVE): one.task for one in models}
    found = {
        source.model: context.latest(
            ("so far", *source), revision, functools.partial(_read, context, source, asked[source])
        )
        for source, revision in context.store.performance.total_revisions(asked).items()
    }
    return {name: metric for name, metric in found.items() if metric is not None and metric.value is not None}


def _read(context: Context, source: Source, task: str) -> Metric | None:
    total = context.store.performance.total(source)
    kept = context.store.performance.layout(source.model, source.version)
    if total is None or total.counts is None or kept is None or not total.rows:
        return None
    return metrics(read_layouts(kept)[0], total.counts).get(MAIN[task])
