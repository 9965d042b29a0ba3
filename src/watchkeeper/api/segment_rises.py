"""Since when is a bad segment bad? Its loss in the newest mature windows of a span against those before.

A segment may be the worst of all and always have been. Its rise beyond that of the other rows is told where 11 windows
of the last 40 of the span are mature and have labels in it: the last 8, or the last third, against the others
(monitors/segment_evidence.py). The segments were chosen by their loss over the whole span, these windows included, so a
rise is somewhat too large by luck; the watch, which looks at all segments alike, is what alarms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from scipy import special

from watchkeeper.api.context import Context
from watchkeeper.api.span import Span
from watchkeeper.monitors.segment_evidence import Evidence, SegmentPolicy, evidence
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.segment_blocks import LossRows, Sums
from watchkeeper.performance.slices import BadSegment
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.versions import Version
from watchkeeper.tallies.tally import IntArray

RECENT, WINDOWS = 8, 40
_MICRO = 1_000_000


class SegmentRise(msgspec.Struct, frozen=True, kw_only=True):
    """How the loss of a segment moved: its mean `before` and `now`, over so many windows each.

    `rise` is how much more it rose than that of the other rows, with its 95 % interval `low` to `high`; `p_value` is
    one-sided, of this segment alone.
    """

    before: float
    now: float
    rise: float
    low: float
    high: float
    p_value: float
    windows_before: int
    windows_now: int


class Looked(msgspec.Struct, frozen=True):
    """The rows that were searched: n `pairs`, the table of the same rows, and their levels by feature."""

    pairs: Pairs
    table: pa.Table
    levels: Mapping[str, Levels]


def rises_of(
    context: Context, version: Version, when: Span, looked: Looked, found: Sequence[BadSegment]
) -> tuple[SegmentRise | None, ...]:
    """The rise of each segment in `found`; None where it cannot be told."""
    width = context.store.versions.model(version.model).settings.window_seconds
    starts = _mature(context, version, when, width) if found else np.zeros(0, np.int64)
    recent = min(RECENT, len(starts) // 3)
    if recent < SegmentPolicy.min_recent or len(starts) - recent < SegmentPolicy.min_blocks:
        return (None,) * len(found)
    rows = _rows(looked, starts, width, found)
    sums = Sums.of(rows)
    blocks = np.arange(len(starts))
    judged = evidence(sums, Sums.whole(rows) - sums, blocks[:-recent], blocks[-recent:])
    return tuple(_told(judged, place, len(starts) - recent, recent) for place in range(len(found)))


def _mature(context: Context, version: Version, when: Span, width: int) -> IntArray:
    """Starts of the last windows of the span whose labels have come."""
    first = max(when.start, when.end - WINDOWS * width)
    windows = labelled_windows(context.store.performance, (version.model, version.version), (first, when.end), width)
    now = context.now()
    learned = windows.learned(now)
    mature = [start for start in windows.starts if windows.maturity(learned, start, now).mature]
    return np.array(mature, np.int64)


def _rows(looked: Looked, starts: IntArray, width: int, found: Sequence[BadSegment]) -> LossRows:
    """The rows of these windows, with each segment as the one level of a feature of its own."""
    seconds = np.asarray(looked.table["event_time"].cast(pa.int64()).to_numpy()) // _MICRO
    at = seconds // width * width
    block = np.minimum(np.searchsorted(starts, at), len(starts) - 1)
    loss = row_losses(looked.pairs)[MAIN]
    features = {
        str(place): Levels((one.name,), np.where(_inside(looked.levels, one), 0, -1)) for place, one in enumerate(found)
    }
    rows = LossRows(loss, looked.pairs.weight / WEIGHT_ONE, block, len(starts), features)
    return rows.only((starts[block] == at) & np.isfinite(loss))


def _inside(levels: Mapping[str, Levels], one: BadSegment) -> BoolArray:
    parts = [levels[feature].codes == levels[feature].names.index(level) for feature, level in one.where]
    return np.asarray(np.logical_and.reduce(parts))


def _told(judged: Evidence, place: int, before: int, now: int) -> SegmentRise | None:
    if not judged.support[place]:
        return None
    rise, error = float(judged.rise[place]), float(judged.error[place])
    half = float(special.stdtrit(judged.df[place], 0.975)) * error
    return SegmentRise(
        before=float(judged.before[place]), now=float(judged.now[place]), rise=rise, low=rise - half, high=rise + half,
        p_value=float(judged.p_value[place]), windows_before=before, windows_now=now,
    )  # fmt: skip
