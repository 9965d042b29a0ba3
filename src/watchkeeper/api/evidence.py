"""A model's judged windows and their findings, shaped for people: features ranked, verdicts over time."""

from __future__ import annotations

import msgspec

from watchkeeper.api.context import Context
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.errors import NotFound
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.half_check import HalfCheck
from watchkeeper.store.verdicts import StoredVerdict
from watchkeeper.store.versions import Version

TREND_WINDOWS = 30


class WindowView(msgspec.Struct, frozen=True, kw_only=True):
    """One judged window [start, end), Unix seconds of event time. `revision` counts judgements; late rows add one.

    `check` says how often ordinary blocks of the reference would have alarmed; null where they are too few to tell.
    What is said of models is read without the bodies of verdicts, so there `notes` are empty and `check` is null.
    """

    start: int
    end: int
    verdict: Verdict
    n: int
    revision: int
    judged_at: float
    notes: tuple[str, ...] = ()
    check: HalfCheck | None = None


def window_view(stored: StoredVerdict) -> WindowView:
    """A stored verdict without its findings."""
    return WindowView(
        start=stored.window_start,
        end=stored.window_end,
        verdict=stored.verdict,
        n=stored.n,
        revision=stored.revision,
        judged_at=stored.judged_at,
        notes=stored.body.notes,
        check=stored.body.check,
    )


def history(
    context: Context, version: Version, *, start: int | None = None, end: int | None = None, limit: int = 1000
) -> list[StoredVerdict]:
    """The last word on each window of a version that starts in [start, end), by time."""
    return context.store.verdicts.history(version.model, version.version, start=start, end=end, limit=limit)


def window_at(context: Context, version: Version, window: int | None) -> StoredVerdict | None:
    """The judged window that starts at `window`, or the newest; None if none was judged. NotFound for another start."""
    if window is None:
        return context.store.verdicts.latest(version.model, version.version)
    found = context.store.verdicts.revisions(version.model, version.version, window)
    if not found:
        raise NotFound(f"No window of this version starts at {window}.", hint="See the timeline for those there are.")
    return found[-1]


def key_of(finding: Finding) -> str:
    """What a finding is about: its tally column, or its feature where it has none."""
    return finding.column or finding.feature


def distances(stored: StoredVerdict) -> dict[str, float]:
    """The largest distance from the reference that any detector found, by column."""
    found: dict[str, float] = {}
    for finding in stored.body.findings:
        if finding.distance is not None:
            found[key_of(finding)] = max(found.get(key_of(finding), 0.0), finding.distance)
    return found
