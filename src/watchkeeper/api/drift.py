"""How each feature stands in one judged window, the one that needs a person first at the top."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Query

from watchkeeper.api.context import Context, Given
from watchkeeper.api.evidence import TREND_WINDOWS, WindowView, distances, history, window_at, window_view
from watchkeeper.api.span import Named
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import next_step, ranked
from watchkeeper.store.verdicts import StoredVerdict
from watchkeeper.store.versions import Version

WindowStart = Annotated[
    int | None, Query(description="Start of a judged window, Unix seconds; the newest if left out.", ge=0, le=2**40)
]


class FeatureDrift(msgspec.Struct, frozen=True, kw_only=True):
    """One column in one window.

    `feature` is its name, `column` its key in distributions (`input.x`, `output.y`, `service.latency`). `verdict` and
    `headline` are the gravest finding's; `next_step` says what to do. `trend` is the distance from the reference
    (0 to 1) over the last windows, oldest first, null where a window has none.
    """

    feature: str
    column: str
    verdict: Verdict
    headline: Finding
    next_step: str
    distance: float | None
    trend: tuple[float | None, ...]
    findings: tuple[Finding, ...]


class DriftView(msgspec.Struct, frozen=True, kw_only=True):
    """All columns of one judged window; `window` is null while none was judged."""

    model: str
    version: str
    window: WindowView | None
    features: tuple[FeatureDrift, ...]


def drift(context: Given, model: str, version: Named = None, window: WindowStart = None) -> DriftView:
    """Findings of one window, by feature."""
    found = context.version(model, version)
    judged = window_at(context, found, window)
    features = () if judged is None else _features(context, found, judged)
    return DriftView(
        model=model,
        version=found.version,
        window=None if judged is None else window_view(judged),
        features=features,
    )


def _features(context: Context, version: Version, judged: StoredVerdict) -> tuple[FeatureDrift, ...]:
    past = history(context, version, end=judged.window_start + 1, limit=TREND_WINDOWS)
    trends = [distances(stored) for stored in past]
    return tuple(_feature(key, own, trends) for key, own in ranked(judged.body.findings))


def _feature(key: str, own: list[Finding], trends: list[dict[str, float]]) -> FeatureDrift:
    first = own[0]
    known = [finding.distance for finding in own if finding.distance is not None]
    return FeatureDrift(
        feature=first.feature,
        column=key,
        verdict=first.verdict,
        headline=first,
        next_step=next_step(first),
        distance=max(known, default=None),
        trend=tuple(trend.get(key) for trend in trends),
        findings=tuple(own),
    )
