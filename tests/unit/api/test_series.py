from __future__ import annotations

import numpy as np

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.series import steps
from watchkeeper.api.span import Span
from watchkeeper.tallies.binning import STATUS


def rows(context: Context, start: int, end: int) -> tuple[int, int, int]:
    """Width, number of steps, rows."""
    version = context.version("delays")
    found = steps(context, version, Span(start=start, end=end))
    cells = context.reference(version).binning.slice(STATUS)
    assert list(found.starts) == sorted(found.starts)
    return found.width, len(found.starts), int(found.counts[:, cells].sum())


def test_a_long_span_is_read_window_by_window(context: Context) -> None:
    assert rows(context, START, START + 30 * DAY) == (DAY, 30, 12000)
    assert rows(context, START + 3 * DAY, START + 10 * DAY) == (DAY, 7, 2800)


def test_a_short_span_is_read_bucket_by_bucket(context: Context) -> None:
    assert rows(context, START, START + DAY) == (3600, 24, 400)


def test_both_ways_count_the_same(context: Context) -> None:
    fine = sum(rows(context, START + day * DAY, START + (day + 1) * DAY)[2] for day in range(3))
    assert fine == rows(context, START, START + 3 * DAY)[2]


def test_an_empty_span_has_no_steps(context: Context) -> None:
    assert rows(context, 0, DAY)[1:] == (0, 0)
    assert rows(context, 0, 10 * DAY)[1:] == (0, 0)


def test_a_window_that_was_not_judged_is_summed_from_its_buckets(context: Context) -> None:
    version = context.version("delays")
    before = steps(context, version, Span(start=START, end=START + 20 * DAY + DAY // 2))
    assert before.starts[-1] == START + 20 * DAY or len(before.starts) == 21
    assert np.isinf(before.low).all()
