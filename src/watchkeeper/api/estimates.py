"""What was estimated of windows without their labels, to stand beside what labels say of them later.

Estimates are made and kept as windows close (watch/estimating.py); here they are only read. They are of windows of the
model's own length, of what the live route answered. Nothing in an estimate says that it is right: where the relation of
inputs and truth changed it is wrong. So the record of its method stands beside it, from windows whose labels are mature
now. Where several methods estimate a version, the one with the better record of the main loss comes first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from watchkeeper.api.context import Context
from watchkeeper.api.span import Span
from watchkeeper.performance.estimated_loss import READ_FROM
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.track_record import TrackRecord
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.estimator_records import EstimatorRecords, Records, by_window, in_order
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.versions import LIVE, Version

NO_LABEL = "No label has come for what this version answered live: what its scores mean is not known."
OTHER_WINDOWS = "Estimates are of the model's own windows and of its live route: leave `window` out, and other routes."
NOT_ESTIMATED = "Only classifiers and regressions are estimated without labels."
RECORD_SPAN = 120
"""Windows back from the end of what is asked for that a record goes by: among them are its newest mature ones."""
NOT_YET = "not closed, or not come to yet"


class LiveWindows(NamedTuple):
    """Windows with their live rows, and by start what they `realised` of the metrics called `names`; empty for all."""

    windows: LabelledWindows
    realised: Mapping[int, Mapping[str, Metric]] = MappingProxyType({})
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Estimates:
    """Estimates by start of window and method, the records of the `methods`, the better first, and why some lack.

    `why` says by start of window what taught its estimate, or why it has none; `note` why any have none.
    """

    windows: Mapping[int, Mapping[str, Estimate]] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    records: Records = field(default_factory=dict)
    why: Mapping[int, str] = field(default_factory=dict)
    note: str = ""

    @property
    def first(self) -> str:
        """The method with the better record, empty where there is none."""
        return self.methods[0] if self.methods else ""

    def of(self, start: int, method: str) -> dict[str, Metric]:
        """What `method` expected of a window, by metric."""
        found = self.windows.get(start, {}).get(method)
        return {} if found is None else found.metrics

    def others(self, start: int) -> dict[str, dict[str, Metric]]:
        """What the methods after the first expected of a window."""
        return {method: found for method in self.methods[1:] if (found := self.of(start, method))}

    def record(self, method: str) -> dict[str, TrackRecord]:
        """The record of a method by metric."""
        return dict(self.records.get(method, {}))


def estimates(
    context: Context,
    version: Version,
    found: LabelledWindows,
    when: Span,
    now: float,
    *,
    live: LiveWindows | None = None,
) -> Estimates:
    """Of the windows of `found` that start in `when`; their records go by its live rows in `RECORD_SPAN` windows.

    `live` are the same windows with their live rows, where they are at hand; records are then of its metrics only.
    """
    if version.task not in READ_FROM:
        return Estimates(note=NOT_ESTIMATED)
    first, of = found.starts[0] if found.starts else when.start, (version.model, version.version)
    if live is None:
        found = labelled_windows(context.store.performance, of, (first, when.end), found.width, route=LIVE)
        live = LiveWindows(found)
    found = live.windows
    if not any(found.at(start).counts is not None for start in found.starts) and version.performance_digest is None:
        return Estimates(note=NO_LABEL)
    kept = context.store.estimates.of(*of, first, when.end)
    windows = by_window(kept, found.width)
    judged = found.since(when.end - RECORD_SPAN * found.width)
    records = EstimatorRecords(judged, KnownBy(judged), windows, live.realised).by(now, *live.names)
    methods = dict.fromkeys(method for of in windows.values() for method in of)
    asked = [start for start in found.starts if when.start <= start < when.end]
    why = {one.start: one.note for one in kept if one.metrics or one.start not in windows}
    return Estimates(
        windows=windows,
        methods=tuple(one.estimator for one in in_order(records, methods, READ_FROM.get(version.task, ""))),
        records=records,
        why=why,
        note=_lacking(asked, windows, why),
    )


def _lacking(asked: list[int], windows: Mapping[int, object], why: Mapping[int, str]) -> str:
    """How many windows have no estimate, and why."""
    reasons = Counter(why.get(start, NOT_YET) for start in asked if start not in windows)
    return "; ".join(f"{n} of {len(asked)} windows have no estimate: {reason}" for reason, n in reasons.items())
