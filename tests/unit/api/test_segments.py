"""Performance by the values of one feature."""

from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api import segments as module
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.api.segments import MOST_SEGMENTS, segments
from watchkeeper.events.errors import BadInput, TooLarge


def test_segments_add_up_to_the_whole(context: Context) -> None:
    whole = performance(context, "delays")
    for feature, fewest in (("carrier", 5), ("wind", 4), ("weekend", 2)):
        view = segments(context, "delays", feature)
        assert len(view.segments) >= fewest
        assert sum(one.metrics["accuracy"].n for one in view.segments) == whole.total["accuracy"].n
        assert [one.predictions for one in view.segments] == sorted(one.predictions for one in view.segments)[::-1]
        assert all(one.labels <= one.predictions for one in view.segments)


def test_numbers_are_cut_at_quartiles_and_many_values_are_put_together(context: Context) -> None:
    wind = {one.segment for one in segments(context, "delays", "wind").segments}
    assert "(missing)" in wind
    assert len(wind) == 5
    destinations = segments(context, "delays", "dest").segments
    assert len(destinations) == MOST_SEGMENTS
    assert destinations[0].segment == "(others)"


def test_a_span_without_rows_has_no_segments(context: Context) -> None:
    assert segments(context, "delays", "carrier", start="0", end=str(DAY)).segments == ()
    assert len(segments(context, "delays", "carrier", start=str(START), end=str(START + DAY)).segments) > 2


def test_what_cannot_be_answered_is_said(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="no feature 'colour'"):
        segments(context, "delays", "colour")
    monkeypatch.setattr(module, "MOST_ROWS", 10)
    with pytest.raises(TooLarge, match="more than 10 rows"):
        segments(context, "delays", "carrier")
