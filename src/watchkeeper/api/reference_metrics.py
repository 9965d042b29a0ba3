"""What a version did on its labelled reference, and how far that is to be believed."""

from __future__ import annotations

from typing import NamedTuple

from watchkeeper.api.context import Context
from watchkeeper.events.errors import WatchkeeperError
from watchkeeper.performance.metrics import Metric, metrics
from watchkeeper.store.reference_performance import reference_performance
from watchkeeper.store.versions import Version

_KEPT_SECONDS = 86_400.0
NO_TRUTH = "this version was registered without the truth of its reference"


class ReferenceMetrics(NamedTuple):
    """Metrics by name, empty where there is no truth; the note says why, or where the rows came from."""

    metrics: dict[str, Metric]
    note: str


def reference_metrics(context: Context, version: Version) -> ReferenceMetrics:
    """The metrics of a version on its reference; read once a day, for they never change."""
    digest = version.performance_digest
    if digest is None:
        return ReferenceMetrics({}, NO_TRUTH)
    try:
        return context.remembered(("reference metrics", digest), _KEPT_SECONDS, lambda: _read(context, version))
    except WatchkeeperError as error:
        return ReferenceMetrics({}, str(error))


def _read(context: Context, version: Version) -> ReferenceMetrics:
    found = reference_performance(context.store, version)
    if found is None:
        return ReferenceMetrics({}, NO_TRUTH)
    return ReferenceMetrics(metrics(found.layout, found.whole), found.note)
