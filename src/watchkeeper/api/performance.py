"""How well a model does, on labels: metrics of each window with what they rest on and how far their labels have come.

A window's metrics are read from the sum of its buckets, so a label or a correction that came a minute ago is in them.
Where corrections changed a window, its metrics as they were before any of them stand beside it. What was estimated of
it without its labels stands there too, with the record of such estimates (estimates.py).
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Annotated

import msgspec
import numpy as np
from fastapi import Query
from msgspec.structs import replace

from watchkeeper.api.context import Context, Given
from watchkeeper.api.estimates import OTHER_WINDOWS, Estimates, estimates
from watchkeeper.api.reference_metrics import reference_metrics
from watchkeeper.api.span import End, Named, Span, Start, span
from watchkeeper.events.errors import BadInput
from watchkeeper.events.quantities import duration
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.maturity import Learned, Maturity
from watchkeeper.performance.metrics import MAIN, Metric, metrics
from watchkeeper.performance.reward import mean_reward
from watchkeeper.performance.track_record import TrackRecord
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.performance import Scored
from watchkeeper.store.versions import LIVE, ModelSettings, Version
from watchkeeper.tallies.tally import IntArray

MOST_WINDOWS = 400
_LIVE_SECONDS = 3600.0
_NOTHING = Scored(0, 0)
Route = Annotated[str | None, Query(description="A route (live, canary, …); all if left out.", max_length=64)]
Width = Annotated[
    str | None, Query(description="Length of a window, as 3600 or 6h; the model's own if left out.", max_length=20)
]


class WindowPerformance(msgspec.Struct, frozen=True, kw_only=True):
    """One window, [start, end) in Unix seconds of the predictions' event time.

    `metrics` by name, each with its 95 % interval and n; empty where no label came. `corrected` counts corrections;
    where there were some, `before` holds the metrics as they were without them. `revision` grows with every change.
    `mean_reward` is of the `rewards` that came, `zero_rewards` of them among it (None where that is not known).
    `estimated` is what was to be expected without the window's labels, by the view's `estimator`, `other_estimates` by
    other methods; `estimate_note` says what taught them where that was not live labels, or why there are none.
    """

    start: int
    end: int
    maturity: Maturity
    metrics: dict[str, Metric] = {}
    corrected: int = 0
    before: dict[str, Metric] = {}
    revision: int = 0
    rewards: int = 0
    zero_rewards: int | None = 0
    mean_reward: Metric | None = None
    estimated: dict[str, Metric] = {}
    other_estimates: dict[str, dict[str, Metric]] = {}
    estimate_note: str = ""


class PerformanceView(msgspec.Struct, frozen=True, kw_only=True):
    """A version's performance over [start, end), by windows of `width` seconds and `total` over all of them.

    `main` names the metric that is looked at first. `as_of` is the Unix time at which windows have the age that their
    maturity goes by: now, or in a replay the newest event. `estimator` is the method of the windows' estimates: the one
    with the better record where there are several. `record` says by metric how it did in the newest windows whose
    labels are mature, `other_records` how other methods did; `estimate_note` why windows have no estimate. `reference`
    are the metrics on the labelled reference, `reference_note` how far they are to be believed, or why there are none.
    `mean_reward` is of all rewards of the span, null where none came.
    """

    model: str
    version: str
    route: str | None
    task: str
    main: str
    start: int
    end: int
    width: int
    as_of: float
    total: dict[str, Metric]
    windows: tuple[WindowPerformance, ...]
    estimator: str = ""
    record: dict[str, TrackRecord] = {}
    other_records: dict[str, dict[str, TrackRecord]] = {}
    estimate_note: str = ""
    reference: dict[str, Metric] = {}
    reference_note: str = ""
    mean_reward: Metric | None = None


@dataclass(frozen=True)
class _Asked:
    context: Context
    version: Version
    route: str | None
    when: Span
    width: int


def performance(
    context: Given,
    model: str,
    *,
    version: Named = None,
    route: Route = None,
    start: Start = None,
    end: End = None,
    window: Width = None,
) -> PerformanceView:
    """Metrics on labels by window, with coverage, maturity and estimates. Without a span: the last thirty windows."""
    found = context.version(model, version)
    settings = context.store.versions.model(model).settings
    width = _width(window, settings)
    asked = _Asked(context, found, route, _aligned(span(context, found, start, end), width), width)
    now = as_of(context, model)
    labelled = _labelled(asked)
    windows, total = _windows(asked, labelled, now)
    own = route in {None, LIVE} and width == settings.window_seconds
    guessed = estimates(context, found, labelled, asked.when, now) if own else Estimates(note=OTHER_WINDOWS)
    before = reference_metrics(context, found)
    return PerformanceView(
        model=model,
        version=found.version,
        route=route,
        task=found.task,
        main=MAIN[found.task],
        start=asked.when.start,
        end=asked.when.end,
        width=width,
        as_of=now,
        total=total,
        windows=tuple(_with_estimates(one, guessed) for one in windows),
        estimator=guessed.first,
        record=guessed.record(guessed.first),
        other_records={method: guessed.record(method) for method in guessed.methods[1:]},
        estimate_note=guessed.note,
        reference=before.metrics,
        reference_note=before.note,
        mean_reward=_mean_reward(functools.reduce(operator.add, [labelled.at(one.start) for one in windows], _NOTHING)),
    )


def as_of(context: Context, model: str) -> float:
    """Now, where the model's events come as they happen; in a replay the time of the newest."""
    stream = context.store.windows.streams().get(model)
    return context.now() if stream is None or stream.lag <= _LIVE_SECONDS else stream.newest_event


def _width(window: str | None, settings: ModelSettings) -> int:
    try:
        width = settings.window_seconds if window is None else duration(window)
    except ValueError as error:
        raise BadInput(f"window must be {error}.") from None
    if width % settings.bucket_seconds or not width:
        raise BadInput(
            f"window={width} is no whole number of buckets of {settings.bucket_seconds} s.",
            hint="Choose a multiple of the model's bucket.",
        )
    return width


def _aligned(when: Span, width: int) -> Span:
    start, end = when.start // width * width, -(-when.end // width) * width
    if (end - start) // width > MOST_WINDOWS:
        raise BadInput(
            f"That are {(end - start) // width:,} windows of {width} s.",
            hint=f"Ask for at most {MOST_WINDOWS}: a shorter span, or longer windows.",
        )
    return Span(start=start, end=end)


def _labelled(asked: _Asked) -> LabelledWindows:
    """The windows asked for, and those before them, from which it is learned how labels come."""
    version, when, width = asked.version, asked.when, asked.width
    past = max(0, when.end - MOST_WINDOWS * width)
    return labelled_windows(
        asked.context.store.performance,
        (version.model, version.version),
        (past, when.end),
        width,
        route=asked.route,
    )


def _windows(
    asked: _Asked, found: LabelledWindows, now: float
) -> tuple[tuple[WindowPerformance, ...], dict[str, Metric]]:
    """The windows asked for, and all of them together."""
    learned = found.learned(now)
    starts = [start for start in found.starts if start >= asked.when.start]
    counts = [counts for start in starts if (counts := found.at(start).counts) is not None]
    total = _metrics(found.layout, np.sum(counts, axis=0)) if counts else {}
    return tuple(_window(found, start, learned, now) for start in starts), total


def _with_estimates(window: WindowPerformance, guessed: Estimates) -> WindowPerformance:
    return replace(
        window,
        estimated=guessed.of(window.start, guessed.first),
        other_estimates=guessed.others(window.start),
        estimate_note=guessed.why.get(window.start, ""),
    )


def _window(found: LabelledWindows, start: int, learned: Learned, now: float) -> WindowPerformance:
    scored = found.at(start)
    return WindowPerformance(
        start=start,
        end=start + found.width,
        maturity=found.maturity(learned, start, now),
        metrics=_metrics(found.layout, scored.counts),
        corrected=scored.corrected,
        before=_metrics(found.layout, scored.before) if scored.corrected else {},
        revision=scored.revision if scored.rows or scored.reward_rows else 0,
        rewards=scored.reward_rows,
        zero_rewards=None if scored.reward_squares is None else scored.reward_zeros,
        mean_reward=_mean_reward(scored),
    )


def _mean_reward(scored: Scored) -> Metric | None:
    rows, micros, squares = scored.reward_rows, scored.reward_micros, scored.reward_squares
    return mean_reward(rows, micros, squares) if rows else None


def _metrics(layout: Layout | None, counts: IntArray | None) -> dict[str, Metric]:
    return {} if layout is None or counts is None else metrics(layout, counts)
