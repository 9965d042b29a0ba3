"""Sums over steps of time: whole judged windows for a long span, finer buckets for a short one.

A long span read bucket by bucket would mean tens of thousands of small tallies; the sum that each window was judged on
is kept, so a month costs thirty. What has not been judged yet (the newest, still open window) is summed from its
buckets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchkeeper.api.context import Context
from watchkeeper.api.span import Span
from watchkeeper.store.versions import Version
from watchkeeper.store.windows import Window
from watchkeeper.tallies.tally import FloatArray, IntArray

FINE_STEPS = 60
_FINE_WINDOWS = 2
_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
MAX_WINDOWS = 2000


@dataclass(frozen=True, eq=False)
class Steps:
    """starts (K,) Unix seconds ascending; counts (K, size); low, high (K, extremes), ±inf where none are kept."""

    width: int
    starts: tuple[int, ...]
    counts: IntArray
    low: FloatArray
    high: FloatArray


def steps(context: Context, version: Version, span: Span) -> Steps:
    """The tallies of a version over `span`, in steps that suit its length; empty steps are left out."""
    settings = context.store.versions.model(version.model).settings
    binning = context.reference(version).binning
    if span.end - span.start <= _FINE_WINDOWS * settings.window_seconds:
        return _fine(context, version, span, settings.bucket_seconds, (binning.size, binning.extremes))
    return _windows(context, version, span, settings.window_seconds, (binning.size, binning.extremes))


def _fine(context: Context, version: Version, span: Span, bucket: int, shape: tuple[int, int]) -> Steps:
    least = max(bucket, (span.end - span.start) // FINE_STEPS)
    width = next((step for step in _STEPS if step >= least and step % bucket == 0), bucket * max(1, least // bucket))
    found = context.store.tallies.series(version.model, version.version, span.start, span.end, width)
    if found is None:
        return _none(width, shape)
    return Steps(width, tuple(found.starts.tolist()), found.counts, found.low, found.high)


def _windows(context: Context, version: Version, span: Span, width: int, shape: tuple[int, int]) -> Steps:
    after = Window(version.model, version.version, span.end, span.end + width)
    found = context.store.windows.recent(after, min(MAX_WINDOWS, (span.end - span.start) // width + 1))
    starts, counts = (np.zeros(0, np.int64), np.zeros((0, shape[0]), np.int64)) if found is None else found[:2]
    kept = starts >= span.start
    starts, counts = starts[kept], counts[kept]
    tail = _open_window(context, version, int(starts[-1]) + width if starts.size else span.start, span.end, width)
    if tail is not None and len(tail[1]) == shape[0]:
        starts, counts = np.append(starts, tail[0]), np.vstack([counts, tail[1]])
    none = np.full((len(starts), shape[1]), np.inf)
    return Steps(width, tuple(starts.tolist()), counts, none * -1, none)


def _open_window(context: Context, version: Version, start: int, end: int, width: int) -> tuple[int, IntArray] | None:
    """The sum of the newest window if it was not judged yet."""
    first = max(start, (end - 1) // width * width)
    found = context.store.tallies.window_sum(version.model, version.version, first, end) if first < end else None
    return None if found is None else (first, found[0].counts)


def _none(width: int, shape: tuple[int, int]) -> Steps:
    zero = np.zeros((0, shape[1]))
    return Steps(width, (), np.zeros((0, shape[0]), np.int64), zero, zero)
