"""The records of a version's estimators: kept estimates, held against labels of the windows that were mature by a time.

A record is of the newest 40 such windows, so that one that was good long ago does not hide that it no longer is. Where
several methods estimate a version each has its own, and the better comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.track_record import Scored, TrackRecord, better, track_record
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows

RECORD_WINDOWS = 40
Records = Mapping[str, Mapping[str, TrackRecord]]
"""By method, then by metric."""


class EstimatorRecords:
    """`estimates` by start of window and method, of windows as long as `windows` are. Add new ones to that mapping.

    `realised` are metrics of these windows by start, where they are at hand.
    """

    def __init__(
        self,
        windows: LabelledWindows,
        known: KnownBy,
        estimates: Mapping[int, Mapping[str, Estimate]],
        realised: Mapping[int, Mapping[str, Metric]] | None = None,
    ) -> None:
        self._windows, self._known, self._estimates = windows, known, estimates
        self._realised = dict(realised or {})

    def by(self, at: float, *names: str) -> Records:
        """The records as they were at `at` (Unix seconds), of the metrics called `names` or, without names, of all."""
        mature = [start for start in self._known.mature_by(at) if self._estimates.get(start)]
        found: dict[str, dict[str, list[Scored]]] = {}
        for start in mature[-RECORD_WINDOWS:]:
            for method, estimate in self._estimates[start].items():
                for metric in names or estimate.metrics:
                    scored = self._scored(start, estimate, metric)
                    if scored is not None:
                        found.setdefault(method, {}).setdefault(metric, []).append(scored)
        return {
            method: {metric: track_record(method, metric, some) for metric, some in of.items()}
            for method, of in found.items()
        }

    def _scored(self, start: int, estimate: Estimate, metric: str) -> Scored | None:
        if start not in self._realised:
            counts, layout = self._windows.at(start).counts, self._windows.layout
            self._realised[start] = {} if counts is None or layout is None else metrics(layout, counts)
        real = self._realised[start].get(metric)
        if real is None or metric not in estimate.metrics or metric not in estimate.usual:
            return None
        rows = self._windows.at(start).rows
        asked = max(self._windows.predictions.get(start, 0), rows, 1)
        return Scored(
            estimated=estimate.metrics[metric],
            realised=real,
            labelled=rows / asked,
            ordinary=estimate.usual[metric],
        )


def by_window(estimates: Iterable[Estimate], width: int) -> dict[int, dict[str, Estimate]]:
    """Estimates of windows of `width` seconds by start, then method; those without any number are left out."""
    found: dict[int, dict[str, Estimate]] = {}
    for one in estimates:
        if one.end - one.start == width and one.metrics:
            found.setdefault(one.start, {})[one.method] = one
    return found


def in_order(records: Records, methods: Iterable[str], name: str) -> list[TrackRecord]:
    """The record of the metric `name` of each of `methods`, the better first."""
    none = {method: TrackRecord(estimator=method, metric=name, windows=0) for method in methods}
    found = {method: records.get(method, {}).get(name, record) for method, record in none.items()}
    return [found[method] for method in better(found)]
