"""Since when a bad segment is bad."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.segment_rises import Looked, rises_of
from watchkeeper.api.span import Span
from watchkeeper.events.inference import TIMESTAMP
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.slices import segment_moments, worst_segments

WHOLE = Span(start=START, end=START + 30 * DAY)


def looked(rate_now: float) -> Looked:
    """300 rows a day for 30 days; level a is wrong in 30 % of them, and in `rate_now` on the last 8 days; b in 10 %."""
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(30), 300)
    in_a = rng.random(len(day)) < 0.3
    rate = np.where(in_a, np.where(day >= 22, rate_now, 0.3), 0.1)
    truth = rng.integers(0, 2, len(day))
    said = np.where(rng.random(len(day)) < rate, 1 - truth, truth)
    times = pa.array((START + day * DAY + 60) * 1_000_000, pa.int64()).cast(TIMESTAMP)
    pairs = Pairs.of("binary", ("0", "1"), pa.table({"label": said}), truth)
    return Looked(pairs, pa.table({"event_time": times}), {"f": Levels(("a", "b"), np.where(in_a, 0, 1))})


@pytest.mark.parametrize(("rate_now", "rose"), [(0.3, False), (0.5, True)])
def test_a_rise_is_told_apart_from_a_segment_that_was_always_bad(context: Context, rate_now: float, rose: bool) -> None:
    rows = looked(rate_now)
    search = worst_segments(segment_moments(rows.pairs, rows.levels))
    assert [one.name for one in search.found] == ["f = a"]
    (rise,) = rises_of(context, context.version("delays"), WHOLE, rows, search.found)
    assert rise is not None
    assert rise.before == pytest.approx(0.3, abs=0.03)
    assert rise.now == pytest.approx(rate_now, abs=0.05)
    assert rise.low < rate_now - 0.3 < rise.high
    assert (rise.p_value < 0.001) is rose
    assert (rise.windows_before, rise.windows_now) == (22, 8)


def test_a_short_span_cannot_tell(context: Context) -> None:
    rows = looked(0.5)
    found = worst_segments(segment_moments(rows.pairs, rows.levels)).found
    week = Span(start=START, end=START + 7 * DAY)
    assert rises_of(context, context.version("delays"), week, rows, found) == (None,)
    assert rises_of(context, context.version("delays"), WHOLE, rows, ()) == ()
